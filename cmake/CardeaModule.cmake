# cardea_add_module(<name> SOURCES <files>... [LIBRARIES <libs>...]): a shared object that the host can load and unload.
function(cardea_add_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Cardea::SDK ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES
    PREFIX "" CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(CARDEA_MODULE_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CARDEA_MODULE_OUTPUT_DIRECTORY})
  endif()
  # g++ marks inline variables and template statics STB_GNU_UNIQUE, and glibc then never unmaps the module.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
  # One exported symbol: libstdc++ templates stay private to the module.
  target_link_options(${name} PRIVATE -Wl,-z,now -Wl,--as-needed
    -Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/cardea_module.map)
  if(NOT CARDEA_SANITIZE)
    target_link_options(${name} PRIVATE -Wl,-z,defs)
  endif()
endfunction()
function(cardea_add_plugin name)
  cardea_add_module(${name} ${ARGN})
endfunction()
