# Each room lydia/<room>/ is one object library lydia_<room>; all of them make liblydia.so.
add_library(lydia SHARED)
target_link_libraries(lydia PUBLIC lydia_flags)

foreach(room IN LISTS LYDIA_ROOMS)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/lydia/${room}/*.cc)
  if(NOT sources)
    continue()
  endif()
  add_library(lydia_${room} OBJECT ${sources})
  target_link_libraries(lydia_${room} PRIVATE lydia_flags)
  target_link_libraries(lydia PRIVATE lydia_${room})
endforeach()

# The one place of the version number is project() in CMakeLists.txt.
set_source_files_properties(${PROJECT_SOURCE_DIR}/lydia/core/version.cc PROPERTIES
  COMPILE_DEFINITIONS LYDIA_VERSION="${PROJECT_VERSION}")

# Third-party libraries belong to the room that owns them (tools/check_layers holds the same line).
if(TARGET lydia_cpu)
  find_package(OpenMP REQUIRED COMPONENTS CXX)
  find_package(hwy REQUIRED)
  find_library(LYDIA_DNNL dnnl REQUIRED)  # Its CMake package wants OpenCL, which we do not use.
  find_library(LYDIA_LAPACKE lapacke REQUIRED)
  target_compile_options(lydia_cpu PRIVATE $<$<CONFIG:Release>:-O3>)
  target_link_libraries(lydia_cpu PRIVATE OpenMP::OpenMP_CXX hwy::hwy ${LYDIA_DNNL} ${LYDIA_LAPACKE})
endif()
if(TARGET lydia_io)
  find_package(JPEG REQUIRED)
  find_package(PNG REQUIRED)
  find_package(ZLIB REQUIRED)
  find_package(OpenSSL REQUIRED COMPONENTS Crypto)
  target_link_libraries(lydia_io PRIVATE JPEG::JPEG PNG::PNG ZLIB::ZLIB OpenSSL::Crypto)
endif()
if(TARGET lydia_config)
  find_library(LYDIA_YAML_CPP yaml-cpp REQUIRED)
  target_link_libraries(lydia_config PRIVATE ${LYDIA_YAML_CPP})
endif()
if(TARGET lydia_atlas)
  find_library(LYDIA_MD4C md4c REQUIRED)
  find_package(SQLite3 REQUIRED)
  target_link_libraries(lydia_atlas PRIVATE ${LYDIA_MD4C} SQLite::SQLite3)
endif()
