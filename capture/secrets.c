#include "capture/secrets.h"

#include <glib.h>

static Secrets *next_item(SecretsList *list)
{
  if (list->count == list->room) {
    list->room = list->room * 2 + 4;
    list->items = g_renew(Secrets, list->items, list->room);
  }
  return &list->items[list->count++];
}

void secrets_add(SecretsList *list, Secrets secrets)
{
  secrets.text.data = slice_dup(secrets.text);
  *next_item(list) = secrets;
}

void secrets_move(SecretsList *list, SecretsList *from)
{
  for (size_t i = 0; i < from->count; i++)
    *next_item(list) = from->items[i];
  from->count = 0;
}

void secrets_clear(SecretsList *list)
{
  for (size_t i = 0; i < list->count; i++) {
    char *text = (char *) (uintptr_t) list->items[i].text.data;
    explicit_bzero(text, list->items[i].text.len);
    g_free(text);
  }
  g_free(list->items);
  *list = (SecretsList){0};
}
