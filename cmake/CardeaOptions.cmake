# Language level, warnings and sanitizers of our own targets. Dependencies come in as SYSTEM.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# The daemon stands at the top of the build tree, the modules in modules/ beside it: runnable without installing.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(CARDEA_MODULE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/modules)

add_library(cardea_options INTERFACE)
target_compile_options(cardea_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wconversion -Wsign-conversion -Wold-style-cast -Wnull-dereference
  -Wno-missing-field-initializers) # designated initialisers leave out what has a default
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(cardea_options INTERFACE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  target_link_options(cardea_options INTERFACE -Wl,-z,relro,-z,now)
  # GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651), once it optimises.
  target_compile_options(cardea_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
else()
  # Optimised builds warn only: what GCC's flow analysis believes about library headers must not stop an admin's build.
  target_compile_options(cardea_options INTERFACE -Werror)
endif()
if(CARDEA_SANITIZE)
  add_compile_options(-fsanitize=${CARDEA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CARDEA_SANITIZE})
  # gcc's sanitizer instrumentation makes this flow analysis cry wolf.
  target_compile_options(cardea_options INTERFACE -Wno-null-dereference
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(CARDEA_FUZZ)
  # Coverage for libFuzzer in the libraries too; -fsanitize=fuzzer itself belongs to the targets in tests/fuzz.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()

# cardea_library(name DEPENDS ...): one static library per folder of core, sources by glob.
function(cardea_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;PRIVATE")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE cardea_options ${arg_PRIVATE})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/core)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${arg_DEPENDS})
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR}/core)
  endif()
endfunction()
