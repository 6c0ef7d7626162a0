# The Python package: build/<preset>/python/lydia holds the module _C beside links to the sources of
# python/lydia, so that PYTHONPATH=build/release/python imports the working tree.
# Sets LYDIA_PYTHON_BUILT, LYDIA_PYTHON_DIR and, when there is an interpreter, Python_EXECUTABLE.
set(LYDIA_PYTHON_BUILT OFF)
set(LYDIA_PYTHON_DIR ${PROJECT_BINARY_DIR}/python)
if(NOT Python_EXECUTABLE AND EXISTS ${PROJECT_SOURCE_DIR}/.venv/bin/python)
  set(Python_EXECUTABLE ${PROJECT_SOURCE_DIR}/.venv/bin/python)
endif()
if(LYDIA_PYTHON STREQUAL "OFF")
  return()
endif()

file(GLOB_RECURSE python_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/*.cc)
if(NOT python_sources)
  return()
endif()
if(LYDIA_PYTHON STREQUAL "AUTO" AND NOT Python_EXECUTABLE)
  message(STATUS "No .venv (tools/setup.sh makes it): the Python module is not built")
  return()
endif()

find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir
  OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
  RESULT_VARIABLE nanobind_missing)
if(nanobind_missing AND LYDIA_PYTHON STREQUAL "AUTO")
  message(STATUS "No nanobind in ${Python_EXECUTABLE}: the Python module is not built")
  return()
endif()
find_package(nanobind CONFIG REQUIRED)

nanobind_add_module(_C NB_STATIC NOMINSIZE ${python_sources})
target_link_libraries(_C PRIVATE lydia)
# System headers: our warnings do not judge nanobind's and Python's.
get_target_property(nanobind_headers nanobind-static INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(_C SYSTEM PRIVATE ${nanobind_headers})
set_target_properties(_C PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${LYDIA_PYTHON_DIR}/lydia)

# Type stubs of the module come from the module itself. (The interpreter cannot load a sanitized one
# without its runtime, so those builds have none.)
if(NOT LYDIA_SANITIZE)
  set(tensor_stub ${PROJECT_BINARY_DIR}/tensor_stub.pattern)  # Tensor's methods written in Python
  file(GLOB_RECURSE package_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/lydia/*.py)
  add_custom_command(OUTPUT ${tensor_stub}
    COMMAND ${Python_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/tensor_stub.py ${LYDIA_PYTHON_DIR}
      > ${tensor_stub}
    DEPENDS _C ${PROJECT_SOURCE_DIR}/tools/tensor_stub.py ${package_sources} VERBATIM)
  nanobind_add_stub(lydia_stubs MODULE _C OUTPUT ${LYDIA_PYTHON_DIR}/lydia/_C.pyi INCLUDE_PRIVATE
    PYTHON_PATH ${LYDIA_PYTHON_DIR}/lydia PATTERN_FILE ${tensor_stub} DEPENDS _C ${tensor_stub})
endif()

# One link per file, so that edits are live; links whose file is gone are removed.
file(GLOB_RECURSE old_links LIST_DIRECTORIES false ${LYDIA_PYTHON_DIR}/lydia/*)
foreach(link IN LISTS old_links)
  if(IS_SYMLINK ${link} AND NOT EXISTS ${link})
    file(REMOVE ${link})
  endif()
endforeach()
file(GLOB_RECURSE package_files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/python
  ${PROJECT_SOURCE_DIR}/python/lydia/*.py ${PROJECT_SOURCE_DIR}/python/lydia/*.pyi
  ${PROJECT_SOURCE_DIR}/python/lydia/py.typed)
foreach(file IN LISTS package_files)
  cmake_path(GET file PARENT_PATH folder)
  file(MAKE_DIRECTORY ${LYDIA_PYTHON_DIR}/${folder})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/python/${file} ${LYDIA_PYTHON_DIR}/${file} SYMBOLIC)
endforeach()
set(LYDIA_PYTHON_BUILT ON)
