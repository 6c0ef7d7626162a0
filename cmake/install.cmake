# `cmake --install`: lib/, bin/ and include/. In a wheel everything lies inside the Python package.
include(GNUInstallDirs)
if(SKBUILD)
  set_target_properties(_C lydia lydia_cli PROPERTIES INSTALL_RPATH "$ORIGIN")
  install(TARGETS _C lydia LIBRARY DESTINATION lydia)
  install(TARGETS lydia_cli RUNTIME DESTINATION lydia)
  install(FILES ${LYDIA_PYTHON_DIR}/lydia/_C.pyi DESTINATION lydia)
else()
  set_target_properties(lydia_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  install(TARGETS lydia lydia_cli)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/lydia DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h" PATTERN "*.inc")
endif()
