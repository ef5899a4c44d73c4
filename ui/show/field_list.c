#include "ui/show/field_list.h"

#include "capture/error.h"

void field_ref_append_key(GString *to, const FieldRef *ref)
{
  g_string_append(to, ref->field->key);
  if (ref->field->takes_name)
    g_string_append_printf(to, "[\"%.*s\"]", SLICE_ARG(ref->name));
}

static bool has_field(const GArray *list, const FieldRef *ref)
{
  for (guint i = 0; i < list->len; i++) {
    const FieldRef *listed = &g_array_index(list, FieldChoice, i).ref;
    if (listed->field == ref->field && slice_eq_nocase(listed->name, ref->name))
      return true;
  }
  return false;
}

static bool set_error_at(GError **error, const char *what, Slice where)
{
  g_set_error(error, APP_ERROR, APP_ERROR_USAGE, "%s '%.*s'", what, SLICE_ARG(where));
  return false;
}

/* Takes a field with its "-" or "+" from *rest, up to a comma. */
static bool take_choice(Slice *rest, FieldListKind kind, FieldChoice *ret_choice, GError **error)
{
  FieldChoice choice = {.descending = slice_starts_with(*rest, SLICE("-"))};

  if (kind == FIELD_LIST_SORT && (choice.descending || slice_starts_with(*rest, SLICE("+"))))
    *rest = slice_trim(slice_from(*rest, 1));
  if (!field_ref_parse(rest, &choice.ref, error))
    return false;
  *rest = slice_trim(*rest);
  if (rest->len > 0 && rest->data[0] != ',')
    return set_error_at(error, "expected a comma before", *rest);
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
    if (has_field(list, &choice.ref)) {
      set_error_at(error, "field given twice:", slice_head(from, from.len - rest.len));
      return NULL;
    }
    g_array_append_val(list, choice);
    more = rest.len > 0;
    rest = slice_trim(slice_from(rest, 1));
  }
  return g_steal_pointer(&list);
}
