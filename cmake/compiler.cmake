# Language level, warnings, optimisation and sanitizers: everything every target of lydia shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(LYDIA_CCACHE ccache)
if(LYDIA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${LYDIA_CCACHE})
endif()

find_package(Threads REQUIRED)

# Warnings are errors for our own code only: third-party targets do not link this.
add_library(lydia_flags INTERFACE)
target_include_directories(lydia_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(lydia_flags INTERFACE -Wall -Wextra -Werror)
# Calls inside liblydia.so bind to liblydia.so, so the compiler may inline across its functions.
target_compile_options(lydia_flags INTERFACE -fno-semantic-interposition)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  # A loop that clang could not vectorise although asked to is no mistake of the code.
  target_compile_options(lydia_flags INTERFACE -Wno-pass-failed)
endif()
target_link_libraries(lydia_flags INTERFACE Threads::Threads)
add_link_options(-Wl,--as-needed)

if(LYDIA_SANITIZE)
  # -O1 keeps the op sweep quick; a finding ends the program, so that a test sees it.
  add_compile_options(-O1 -fsanitize=${LYDIA_SANITIZE} -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LYDIA_SANITIZE})
  # g++ warns wrongly about sanitized code (its manual says so); the release build keeps these on.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(lydia_flags INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow
                           -Wno-array-bounds)
  endif()
endif()
