# tests/ mirrors lydia/: tests/<room>/**.cc is one doctest program test_<room>, and every folder with
# test_*.py files is one pytest run. ctest labels: the room, plus cpp, python, example or tools.
find_package(doctest REQUIRED)
add_library(lydia_test_main OBJECT ${PROJECT_SOURCE_DIR}/tests/main.cc)
target_link_libraries(lydia_test_main PRIVATE lydia_flags doctest::doctest)

# A sanitizer gives null for memory that cannot be had, as malloc does, so that the errors for huge
# sizes can be tested.
set(cpp_environment "LYDIA_BIN=$<TARGET_FILE:lydia_cli>"
  "ASAN_OPTIONS=allocator_may_return_null=1" "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=allocator_may_return_null=1:ignore_noninstrumented_modules=1")
if(LYDIA_SANITIZE MATCHES thread AND OpenMP_omp_LIBRARY)
  # Archer tells ThreadSanitizer where OpenMP's threads wait for each other.
  cmake_path(GET OpenMP_omp_LIBRARY PARENT_PATH openmp_folder)
  list(APPEND cpp_environment "OMP_TOOL_LIBRARIES=${openmp_folder}/libarcher.so")
endif()
set(python_environment "LYDIA_BIN=$<TARGET_FILE:lydia_cli>"
  "PYTHONPATH=${LYDIA_PYTHON_DIR}" "PYTHONDONTWRITEBYTECODE=1")
if(LYDIA_SANITIZE MATCHES address)
  # The interpreter is not sanitized: the runtime comes in first, and its own leaks do not count.
  foreach(runtime asan ubsan stdc++)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=lib${runtime}.so
      OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
    list(APPEND runtimes ${path})
  endforeach()
  set(pytest_capture --capture=sys)  # lets a sanitizer's last words through
  list(JOIN runtimes ":" runtimes)
  set(sanitizer_environment "LD_PRELOAD=${runtimes}"
    "ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1" "UBSAN_OPTIONS=print_stacktrace=1")
endif()

# lydia_python_test(<name> <labels> <arguments of python>...)
function(lydia_python_test name labels)
  add_test(NAME ${name} COMMAND ${Python_EXECUTABLE} ${ARGN}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${labels}"
    ENVIRONMENT "${python_environment};${sanitizer_environment}")
endfunction()

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
      ENVIRONMENT "${cpp_environment}")
  endif()
  file(GLOB_RECURSE py_tests CONFIGURE_DEPENDS ${folder}/test_*.py)
  if(IS_DIRECTORY ${folder} AND py_tests AND Python_EXECUTABLE)
    lydia_python_test(python.${room} "python;${room}"
      -m pytest -q -p no:cacheprovider ${pytest_capture} ${folder})
  endif()
endforeach()

# The kernels for older machines, on this one.
foreach(isa avx2 baseline)
  add_test(NAME cpp.cpu.${isa} COMMAND test_cpu WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(cpp.cpu.${isa} PROPERTIES LABELS "cpp;cpu"
    ENVIRONMENT "${cpp_environment};LYDIA_MAX_ISA=${isa}")
endforeach()

if(Python_EXECUTABLE)
  lydia_python_test(layers tools tools/check_layers)
endif()

foreach(target IN LISTS LYDIA_EXAMPLE_TARGETS)
  add_test(NAME ${target} COMMAND ${target} --quick)
  set_tests_properties(${target} PROPERTIES LABELS example)
endforeach()
if(LYDIA_EXAMPLES AND LYDIA_PYTHON_BUILT)
  file(GLOB_RECURSE python_examples CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/examples
    ${PROJECT_SOURCE_DIR}/examples/*.py)
  list(FILTER python_examples EXCLUDE REGEX "lesson[.]py$")  # what the lessons share
  foreach(file IN LISTS python_examples)
    string(REGEX REPLACE "[/.]" "_" name ${file})
    lydia_python_test(example_${name} "example;python" ${PROJECT_SOURCE_DIR}/examples/${file} --quick)
  endforeach()
endif()
