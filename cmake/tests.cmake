# tests/ mirrors lydia/: tests/<room>/**.cc is one doctest program test_<room>, and every folder with
# test_*.py files is one pytest run. ctest labels: the room, plus cpp, python, example or tools.
find_package(doctest REQUIRED)
add_library(lydia_test_main OBJECT ${PROJECT_SOURCE_DIR}/tests/main.cc)
target_link_libraries(lydia_test_main PRIVATE lydia_flags doctest::doctest)

set(test_environment
  "PYTHONPATH=${LYDIA_PYTHON_DIR}" "LYDIA_BIN=$<TARGET_FILE:lydia_cli>" "PYTHONDONTWRITEBYTECODE=1")

file(GLOB test_folders CONFIGURE_DEPENDS LIST_DIRECTORIES true ${PROJECT_SOURCE_DIR}/tests/*)
foreach(folder IN LISTS test_folders)
  cmake_path(GET folder FILENAME room)
  file(GLOB_RECURSE cpp_tests CONFIGURE_DEPENDS ${folder}/*.cc)
  if(IS_DIRECTORY ${folder} AND cpp_tests)
    add_executable(test_${room} ${cpp_tests})
    target_link_libraries(test_${room} PRIVATE lydia lydia_test_main doctest::doctest)
    set_target_properties(test_${room} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
    add_test(NAME cpp.${room} COMMAND test_${room} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(cpp.${room} PROPERTIES LABELS "cpp;${room}"
      ENVIRONMENT "${test_environment}")
  endif()
  file(GLOB_RECURSE py_tests CONFIGURE_DEPENDS ${folder}/test_*.py)
  if(IS_DIRECTORY ${folder} AND py_tests AND Python_EXECUTABLE)
    add_test(NAME python.${room} COMMAND ${Python_EXECUTABLE} -m pytest -q ${folder}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(python.${room} PROPERTIES LABELS "python;${room}"
      ENVIRONMENT "${test_environment}")
  endif()
endforeach()

foreach(target IN LISTS LYDIA_EXAMPLE_TARGETS)
  add_test(NAME ${target} COMMAND ${target} --quick)
  set_tests_properties(${target} PROPERTIES LABELS example)
endforeach()
if(LYDIA_EXAMPLES AND LYDIA_PYTHON_BUILT)
  file(GLOB_RECURSE python_examples CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/examples
    ${PROJECT_SOURCE_DIR}/examples/*.py)
  foreach(file IN LISTS python_examples)
    string(REPLACE "/" "_" name ${file})
    add_test(NAME example_${name}
      COMMAND ${Python_EXECUTABLE} ${PROJECT_SOURCE_DIR}/examples/${file} --quick)
    set_tests_properties(example_${name} PROPERTIES LABELS "example;python"
      ENVIRONMENT "${test_environment}")
  endforeach()
endif()
