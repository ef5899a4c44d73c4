#include "ui/input.h"

Source *input_open(const Options *options, StoreSet *stores, GError **error)
{
  static const char *const ANY[] = {"any", NULL};
  bool live = options->files->len == 1; /* only the NULL that ends it */
  bool named = options->interfaces->len > 1;
  const char *const *interfaces = named ? (const char *const *) options->interfaces->pdata : ANY;
  SourceOptions source = {
    .files = live ? NULL : (const char *const *) options->files->pdata,
    .interfaces = live ? interfaces : NULL,
    .filter = options->filter,
  };

  return source_open(&source, stores, error);
}
