#include "ui/view/app_model.h"

static const char GROUP[] = "aliases";

static void read_aliases(AppModel *model)
{
  g_auto(GStrv) addresses = config_keys(model->config, GROUP);
  const char *hosts = config_text(model->config, SETTING_HOSTS_FILE);
  g_autoptr(GError) error = NULL;

  model->aliases = aliases_new();
  for (size_t i = 0; addresses[i]; i++) {
    g_autofree char *name = config_value(model->config, GROUP, addresses[i]);
    if (!aliases_set(model->aliases, slice_from_string(addresses[i]), slice_from_string(name)))
      config_complain(model->config, model->complaints, "[%s] '%s' is not an address", GROUP,
                      addresses[i]);
  }
  if (*hosts && !aliases_read_hosts(model->aliases, hosts, &error))
    g_ptr_array_add(model->complaints, g_strdup(error->message));
}

void app_model_begin(AppModel *model)
{
  model->keymap = config_keymap(model->config, model->complaints);
  model->index = call_index_new(model->trace, model->stores);
  model->marks = call_set_new();
  model->now_ns = TIME_NONE;
  read_aliases(model);
}

void app_model_clear(AppModel *model)
{
  g_clear_pointer(&model->keymap, keymap_free);
  g_clear_pointer(&model->index, call_index_free);
  g_clear_pointer(&model->marks, call_set_free);
  g_clear_pointer(&model->aliases, aliases_free);
  g_clear_pointer(&model->filter_now, g_free);
}

/* Errors were reported when the configuration was read first. */
void app_model_configure(AppModel *model)
{
  GPtrArray *complaints = model->complaints;

  model->complaints = g_ptr_array_new_with_free_func(g_free);
  aliases_free(model->aliases);
  read_aliases(model);
  g_ptr_array_unref(model->complaints);
  model->complaints = complaints;
}
