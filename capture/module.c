#include "capture/module.h"

#include <dlfcn.h>
#include <glib.h>

const void *module_load(const char *name)
{
  g_autofree char *file = g_strconcat("rung-", name, ".so", NULL);
  void *module = dlopen(file, RTLD_NOW | RTLD_LOCAL);

  return module ? dlsym(module, "MODULE_RECORD") : NULL;
}
