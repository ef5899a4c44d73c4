#include "ui/show/field_list.h"

#include "capture/error.h"

void field_ref_append_key(GString *to, const FieldRef *ref)
{
  g_string_append(to, ref->field->key);
  if (ref->field->takes_name)
    g_string_append_printf(to, "[\"%.*s\"]", SLICE_ARG(ref->name));
}

static bool is_same(const FieldRef *a, const FieldRef *b)
{
  return a->field == b->field && slice_eq_nocase(a->name, b->name);
}

static bool is_there(const GArray *list, const FieldRef *ref)
{
  for (guint i = 0; i < list->len; i++)
    if (is_same(&g_array_index(list, FieldChoice, i).ref, ref))
      return true;
  return false;
}

static bool fail(GError **error, const char *what, Slice where)
{
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "%s '%.*s'", what, SLICE_ARG(where));
  return false;
}

/* "-" or "+" and what it stands before; *rest goes on behind it and its comma. */
static bool take_choice(Slice *rest, FieldListKind kind, FieldChoice *ret_choice, GError **error)
{
  FieldChoice choice = {.descending = slice_starts_with(*rest, SLICE("-"))};

  if (kind == FIELD_LIST_SORT && (choice.descending || slice_starts_with(*rest, SLICE("+"))))
    *rest = slice_trim(slice_from(*rest, 1));
  if (!field_ref_parse(rest, &choice.ref, error))
    return false;
  *rest = slice_trim(*rest);
  if (rest->len > 0 && rest->data[0] != ',')
    return fail(error, "there should be a comma before", *rest);
  *ret_choice = choice;
  return true;
}

GArray *field_list_parse(const char *text, FieldListKind kind, GError **error)
{
  g_autoptr(GArray) list = g_array_new(false, false, sizeof(FieldChoice));
  Slice rest = slice_trim(slice_from_string(text));
  bool more = true;

  while (more) {
    Slice from = rest;
    FieldChoice choice;
    if (!take_choice(&rest, kind, &choice, error))
      return NULL;
    if (is_there(list, &choice.ref)) {
      fail(error, "named twice:", slice_head(from, from.len - rest.len));
      return NULL;
    }
    g_array_append_val(list, choice);
    more = rest.len > 0;
    rest = slice_trim(slice_from(rest, 1));
  }
  return g_steal_pointer(&list);
}
