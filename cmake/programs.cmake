# The `lydia` binary, the examples and the benchmarks.
file(GLOB cli_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cli/*.cc)
add_executable(lydia_cli ${cli_sources})
set_target_properties(lydia_cli PROPERTIES OUTPUT_NAME lydia)
target_link_libraries(lydia_cli PRIVATE lydia)

# lydia_program(<prefix> <file>) makes one executable of one file:
# examples/tensors/01_views.cc -> target example_tensors_01_views, build/<preset>/examples/tensors/.
function(lydia_program prefix file out_target)
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE relative)
  cmake_path(GET relative PARENT_PATH folder)
  cmake_path(GET relative STEM name)
  string(REGEX REPLACE "^(examples|bench)/" "" target ${relative})
  string(REGEX REPLACE "\\.cc$" "" target ${target})
  string(REPLACE "/" "_" target ${target})
  set(target ${prefix}_${target})
  add_executable(${target} ${file})
  target_link_libraries(${target} PRIVATE lydia)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name}
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${folder})
  set(${out_target} ${target} PARENT_SCOPE)
endfunction()

set(LYDIA_EXAMPLE_TARGETS)
if(LYDIA_EXAMPLES)
  file(GLOB_RECURSE example_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/examples/*.cc)
  foreach(source IN LISTS example_sources)
    lydia_program(example ${source} target)
    list(APPEND LYDIA_EXAMPLE_TARGETS ${target})
  endforeach()
endif()

# Benchmarks are built by `cmake --build ... --target bench`, never by default.
add_custom_target(bench)
file(GLOB bench_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.cc)
foreach(source IN LISTS bench_sources)
  lydia_program(bench ${source} target)
  set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  add_dependencies(bench ${target})
endforeach()
