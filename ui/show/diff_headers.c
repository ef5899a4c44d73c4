/* Header fields compared by name: RFC 3261 7.3.1: their order among each other means nothing, that
 * of the values of one does. */
#include "dissect/sip/sip_equal.h"
#include "dissect/sip/sip_values.h"
#include "ui/show/diff_build.h"

enum {
  LEFT,
  RIGHT,
  SIDES,
  ENTRIES_MAX = DIFF_ROWS_MAX, /* of one message */
  WINDOW = 48,
  VALUE_COST = 64,  /* of comparing two values, in comparisons of words */
  LONG_VALUE = 2048 /* is only compared octet by octet */
};

/* One value of a header field. */
typedef struct {
  Slice name, value;
  uint32_t field;
} Entry;

/* All header fields of one name, in both messages. */
typedef struct {
  SipHeader header;
  uint64_t order; /* that they are shown in */
  bool in_left;
  uint32_t first[SIDES], count[SIDES]; /* entries */
} Field;

typedef struct {
  DiffBuilder *builder;
  const SipMsg *messages[SIDES];
  GHashTable *numbers;    /* lower-case name -> number of its field + 1 */
  GArray *fields;         /* Field */
  GArray *entries[SIDES]; /* Entry; sorted by field later */
} Headers;

/* --- reading --- */

static uint32_t field_of(Headers *headers, const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);
  Slice name = info ? slice_from_string(info->name) : row->name;
  g_autofree char *key = g_ascii_strdown(name.data ? name.data : "", (gssize) name.len);
  gpointer found = g_hash_table_lookup(headers->numbers, key);

  if (found)
    return GPOINTER_TO_UINT(found) - 1;
  Field field = {.header = row->header};
  g_array_append_val(headers->fields, field);
  g_hash_table_insert(headers->numbers, g_steal_pointer(&key),
                      GUINT_TO_POINTER(headers->fields->len));
  return headers->fields->len - 1;
}

static void add_entry(Headers *headers, unsigned side, const Entry *entry)
{
  if (headers->entries[side]->len < ENTRIES_MAX)
    g_array_append_vals(headers->entries[side], entry, 1);
  else
    headers->builder->cut = true;
}

/* Lists of addresses and hops are compared value by value, lists of words as they stand. */
static bool is_split(const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);

  return info && info->shape == SIP_HEADER_LIST &&
         (row->header == SIP_HEADER_VIA || slice_find(row->value, '<') < row->value.len);
}

static void read_row(Headers *headers, unsigned side, const SipHeaderRow *row)
{
  Entry entry = {row->name, row->value, field_of(headers, row)};
  SipListIter values = sip_list(row->value);

  if (!is_split(row)) {
    add_entry(headers, side, &entry);
    return;
  }
  while (!headers->builder->cut && sip_list_next(&values, &entry.value))
    add_entry(headers, side, &entry);
}

/* A field's place is its first in the left message; what is only in the right one comes behind
 * what it comes behind there. */
static void place_field(Headers *headers, unsigned side, uint32_t number, uint64_t *order)
{
  Field *field = &g_array_index(headers->fields, Field, number);

  if (side == LEFT && !field->in_left) {
    field->in_left = true;
    field->order = *order += UINT64_C(1) << 32;
  } else if (side == RIGHT && field->in_left) {
    *order = field->order;
  } else if (side == RIGHT && field->order == 0) {
    field->order = ++*order;
  }
}

static void read_side(Headers *headers, unsigned side)
{
  SipHeaderIter iter = sip_header_iter(headers->messages[side]);
  uint64_t order = 1;
  SipHeaderRow row;

  while (sip_header_next(&iter, &row)) {
    read_row(headers, side, &row);
    place_field(headers, side, field_of(headers, &row), &order);
  }
}

/* Entries of one field behind each other, in their order. */
static void sort_entries(Headers *headers, unsigned side)
{
  GArray *entries = headers->entries[side];
  GArray *sorted = g_array_sized_new(false, false, sizeof(Entry), entries->len);
  uint32_t next = 0;

  for (guint i = 0; i < entries->len; i++)
    g_array_index(headers->fields, Field, g_array_index(entries, Entry, i).field).count[side]++;
  for (guint i = 0; i < headers->fields->len; i++) {
    Field *field = &g_array_index(headers->fields, Field, i);
    field->first[side] = next;
    next += field->count[side];
    field->count[side] = 0; /* counted again below */
  }
  g_array_set_size(sorted, entries->len);
  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = &g_array_index(entries, Entry, i);
    Field *field = &g_array_index(headers->fields, Field, entry->field);
    g_array_index(sorted, Entry, field->first[side] + field->count[side]++) = *entry;
  }
  g_array_unref(entries);
  headers->entries[side] = sorted;
}

static gint compare_fields(gconstpointer a, gconstpointer b)
{
  const Field *left = a, *right = b;

  return left->order < right->order ? -1 : left->order > right->order;
}

/* --- comparing --- */

typedef struct {
  const Headers *headers;
  const Field *field;
} Values;

static const Entry *entry_at(const Headers *headers, const Field *field, unsigned side, uint32_t i)
{
  return &g_array_index(headers->entries[side], Entry, field->first[side] + i);
}

static Slice skip_blanks(Slice s)
{
  size_t at = 0;

  while (at < s.len && memchr(" \t\r\n", s.data[at], 4))
    at++;
  return slice_from(s, at);
}

/* Any blanks are one (RFC 3261 7.3.1). */
static bool texts_equal(Slice a, Slice b)
{
  while (a.len > 0 && b.len > 0) {
    Slice after_a = skip_blanks(a), after_b = skip_blanks(b);
    bool blank = after_a.len < a.len;

    if (blank != (after_b.len < b.len) || (!blank && a.data[0] != b.data[0]))
      return false;
    a = blank ? after_a : slice_from(a, 1);
    b = blank ? after_b : slice_from(b, 1);
  }
  return a.len == b.len;
}

static bool values_equal(SipHeader header, Slice a, Slice b)
{
  if (a.len > LONG_VALUE || b.len > LONG_VALUE)
    return false;
  return header == SIP_HEADER_OTHER ? texts_equal(a, b) : sip_value_equal(header, a, b);
}

/* More than half of the longer one is what both begin and end with. */
static bool values_alike(Slice a, Slice b)
{
  size_t start = 0, end = 0, least = MIN(a.len, b.len);

  while (start < least && a.data[start] == b.data[start])
    start++;
  while (end < least - start && a.data[a.len - 1 - end] == b.data[b.len - 1 - end])
    end++;
  return (start + end) * 2 > MAX(a.len, b.len);
}

static unsigned score_values(const void *data, uint32_t left, uint32_t right)
{
  const Values *values = data;
  Slice a = entry_at(values->headers, values->field, LEFT, left)->value;
  Slice b = entry_at(values->headers, values->field, RIGHT, right)->value;

  if (slice_eq(a, b))
    return ALIGN_SAME;
  if (values_equal(values->field->header, a, b))
    return ALIGN_EQUAL;
  return values_alike(a, b) ? ALIGN_ALIKE : 0;
}

static DiffSide side_of(const Entry *entry)
{
  return entry ? (DiffSide){.name = entry->name, .text = entry->value} : (DiffSide){0};
}

static DiffKind kind_of(SipHeader header, const Entry *left, const Entry *right)
{
  if (!left || !right)
    return left ? DIFF_LEFT : DIFF_RIGHT;
  if (slice_eq(left->name, right->name) && slice_eq(left->value, right->value))
    return DIFF_SAME;
  return slice_eq(left->value, right->value) || values_equal(header, left->value, right->value)
           ? DIFF_EQUAL
           : DIFF_CHANGED;
}

static void add_pair(const Headers *headers, const Field *field, AlignPair pair)
{
  const Entry *left = pair.left != ALIGN_NONE ? entry_at(headers, field, LEFT, pair.left) : NULL;
  const Entry *right =
    pair.right != ALIGN_NONE ? entry_at(headers, field, RIGHT, pair.right) : NULL;

  diff_add_row(headers->builder, &(DiffRow){.kind = kind_of(field->header, left, right),
                                            .place = DIFF_HEADER,
                                            .left = side_of(left),
                                            .right = side_of(right)});
}

/* Values that have no partner, between two pairs: each with the one at its place. */
static void add_run(const Headers *headers, const Field *field, AlignPair start, AlignPair end)
{
  while (start.left < end.left || start.right < end.right) {
    AlignPair pair = {
      start.left < end.left ? start.left++ : ALIGN_NONE,
      start.right < end.right ? start.right++ : ALIGN_NONE,
    };
    add_pair(headers, field, pair);
  }
}

static void add_aligned(const Headers *headers, const Field *field)
{
  g_autoptr(GArray) pairs = g_array_new(false, false, sizeof(AlignPair));
  Values values = {headers, field};
  AlignPair next = {0, 0}, end = {field->count[LEFT], field->count[RIGHT]};

  align_items(&(AlignInput){.left_count = end.left,
                            .right_count = end.right,
                            .score = score_values,
                            .data = &values,
                            .window = WINDOW,
                            .cost = VALUE_COST,
                            .budget = &headers->builder->budget},
              pairs);
  for (guint i = 0; i < pairs->len; i++) {
    AlignPair pair = g_array_index(pairs, AlignPair, i);
    if (pair.left == ALIGN_NONE || pair.right == ALIGN_NONE)
      continue;
    add_run(headers, field, next, pair);
    add_pair(headers, field, pair);
    next = (AlignPair){pair.left + 1, pair.right + 1};
  }
  add_run(headers, field, next, end);
}

/* The same values on other rows: nothing that is there is only there. */
static bool add_equal(const Headers *headers, const Field *field)
{
  uint32_t left = field->count[LEFT], right = field->count[RIGHT];

  if (left == right || left == 0 || right == 0 || field->header == SIP_HEADER_OTHER ||
      !sip_header_equal(headers->messages[LEFT], headers->messages[RIGHT], field->header))
    return false;
  for (uint32_t i = 0; i < MAX(left, right); i++)
    diff_add_row(
      headers->builder,
      &(DiffRow){.kind = DIFF_EQUAL,
                 .place = DIFF_HEADER,
                 .left = side_of(i < left ? entry_at(headers, field, LEFT, i) : NULL),
                 .right = side_of(i < right ? entry_at(headers, field, RIGHT, i) : NULL)});
  return true;
}

void diff_add_headers(DiffBuilder *builder, const SipMsg *left, const SipMsg *right)
{
  g_autoptr(GHashTable) numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GArray) fields = g_array_new(false, false, sizeof(Field));
  Headers headers = {
    .builder = builder,
    .messages = {left, right},
    .numbers = numbers,
    .fields = fields,
  };

  for (unsigned side = LEFT; side < SIDES; side++) {
    headers.entries[side] = g_array_new(false, false, sizeof(Entry));
    read_side(&headers, side);
  }
  for (unsigned side = LEFT; side < SIDES; side++)
    sort_entries(&headers, side);
  g_array_sort(fields, compare_fields);
  for (guint i = 0; i < fields->len; i++) {
    const Field *field = &g_array_index(fields, Field, i);
    if (!add_equal(&headers, field))
      add_aligned(&headers, field);
  }
  for (unsigned side = LEFT; side < SIDES; side++)
    g_array_unref(headers.entries[side]);
}
