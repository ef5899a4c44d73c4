#include "ui/show/field_list.h"

#include "capture/error.h"
#include "capture/language.h"

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
    return set_error_at(error, _("expected a comma before"), *rest);
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
      set_error_at(error, _("field given twice:"), slice_head(from, from.len - rest.len));
      return NULL;
    }
    g_array_append_val(list, choice);
    more = rest.len > 0;
    rest = slice_trim(slice_from(rest, 1));
  }
  return g_steal_pointer(&list);
}

/* --- sorting --- */

enum {
  PREFIX = 16,
  TEXTS_FIRST = 64 * 1024,
};

static uint64_t load_be64(const uint8_t bytes[8])
{
  uint64_t number;

  memcpy(&number, bytes, sizeof number);
  return GUINT64_FROM_BE(number);
}

/* Bytes that compare by memcmp as the values do, once upper case is folded. */
static SortKey key_of_bytes(Arena *texts, Slice bytes, size_t most, bool fold_case)
{
  Slice kept = slice_head(bytes, most);
  char prefix[PREFIX] = {0};
  SortKey key = {.high = 0};
  SortText *text = NULL;

  /* the prefix is enough for a short text without a NUL that looks like its end */
  if (kept.len > PREFIX || slice_find(kept, '\0') < kept.len) {
    text = arena_alloc(texts, sizeof *text + kept.len);
    text->len = (uint32_t) kept.len;
    text->is_cut = kept.len < bytes.len;
  }
  for (size_t i = 0; i < kept.len; i++) {
    char byte = fold_case ? g_ascii_tolower(kept.data[i]) : kept.data[i];

    if (i < PREFIX)
      prefix[i] = byte;
    if (text)
      text->bytes[i] = byte;
  }
  key.high = load_be64((const uint8_t *) prefix);
  key.low = load_be64((const uint8_t *) prefix + 8);
  key.text = text;
  return key;
}

static SortKey key_of_address(Arena *texts, const Endpoint *address)
{
  uint16_t port = GUINT16_TO_BE(address->port);
  char bytes[1 + sizeof address->address + sizeof port];

  bytes[0] = (char) address->family;
  memcpy(bytes + 1, address->address, sizeof address->address);
  memcpy(bytes + 1 + sizeof address->address, &port, sizeof port);
  return key_of_bytes(texts, slice_of(bytes, sizeof bytes), sizeof bytes, false);
}

SortKey sort_key_new(Arena *texts, uint32_t number, const FieldValue *value, size_t most)
{
  SortKey key = {.is_missing = !value};

  if (value)
    switch (value->type) {
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
    case FIELD_DURATION:
    case FIELD_TIME: /* two's complement with an inverted sign sorts as an unsigned number */
      key.high = (uint64_t) value->integer ^ UINT64_C(1) << 63;
      break;
    case FIELD_BOOLEAN:
      key.high = value->truth;
      break;
    case FIELD_STRING:
    case FIELD_ENUM:
      key = key_of_bytes(texts, value->text, most, true);
      break;
    case FIELD_ADDRESS:
      key = key_of_address(texts, &value->address);
      break;
    case FIELD_LIST:
      g_assert_not_reached();
    }
  key.number = number;
  return key;
}

static SortOrder order_numbers(uint64_t a, uint64_t b)
{
  return a < b ? SORT_BEFORE : a > b ? SORT_AFTER : SORT_EQUAL;
}

/* The prefixes are equal. */
static SortOrder order_texts(const SortText *a, const SortText *b)
{
  if (!a || !b)
    return order_numbers(a != NULL, b != NULL);
  int order = memcmp(a->bytes, b->bytes, MIN(a->len, b->len));
  if (order != 0)
    return order < 0 ? SORT_BEFORE : SORT_AFTER;
  if (a->is_cut && b->is_cut)
    return SORT_UNDECIDED;
  return order_numbers((uint64_t) a->len + a->is_cut, (uint64_t) b->len + b->is_cut);
}

SortOrder sort_key_compare(const SortKey *a, const SortKey *b, bool descending)
{
  if (a->is_missing || b->is_missing)
    return order_numbers(a->is_missing, b->is_missing);
  SortOrder order = order_numbers(a->high, b->high);
  if (order == SORT_EQUAL)
    order = order_numbers(a->low, b->low);
  if (order == SORT_EQUAL)
    order = order_texts(a->text, b->text);
  if (!descending || order == SORT_UNDECIDED)
    return order;
  return (SortOrder) - (int) order;
}

size_t sort_key_bytes(const SortKey *key)
{
  return key->text ? sizeof *key->text + key->text->len : 0;
}

void sort_key_move(SortKey *key, Arena *texts)
{
  size_t bytes = sort_key_bytes(key);

  if (bytes > 0)
    key->text = memcpy(arena_alloc(texts, bytes), key->text, bytes);
}

/* --- sorting at once --- */

static gint compare_sort_items(gconstpointer a, gconstpointer b, gpointer data)
{
  const SortKey *const *left = a, *const *right = b;
  const GArray *fields = data;

  for (guint i = 0; i < fields->len; i++) {
    bool descending = g_array_index(fields, FieldChoice, i).descending;
    SortOrder order = sort_key_compare(&(*left)[i], &(*right)[i], descending);

    if (order != SORT_EQUAL)
      return (gint) order;
  }
  return (*left)->number < (*right)->number ? -1 : 1;
}

void sort_items(GArray *items, const GArray *fields, FieldContext *context, SortLookAt look_at)
{
  guint count = items->len, size = g_array_get_element_size(items);
  SortKey *keys = g_new(SortKey, (gsize) count * fields->len);
  const SortKey **order = g_new(const SortKey *, count); /* keys of an item, in their order */
  g_autofree char *unsorted = g_memdup2(items->data, (gsize) count * size);
  bool unreadable = false;
  Arena texts;

  arena_init(&texts, TEXTS_FIRST);
  for (guint i = 0; i < count; i++) {
    look_at(context, unsorted + (gsize) i * size);
    order[i] = &keys[(gsize) i * fields->len];
    for (guint field = 0; field < fields->len; field++) {
      const FieldRef *ref = &g_array_index(fields, FieldChoice, field).ref;
      FieldValue value;
      bool found = field_get(context, ref, &value);

      keys[(gsize) i * fields->len + field] =
        sort_key_new(&texts, i, found ? &value : NULL, SIZE_MAX);
    }
    unreadable |= context->unreadable;
  }
  g_qsort_with_data(order, (gint) count, sizeof *order, compare_sort_items,
                    (gpointer) (uintptr_t) fields);
  for (guint i = 0; i < count; i++)
    memcpy(items->data + (gsize) i * size, unsorted + (gsize) order[i]->number * size, size);
  context->unreadable = unreadable;
  arena_clear(&texts);
  g_free(order);
  g_free(keys);
}
