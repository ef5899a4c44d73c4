#include "ui/show/message_diff.h"

#include <glib.h>

#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_equal.h"
#include "dissect/sip/sip_values.h"
#include "ui/show/diff_align.h"
#include "ui/show/text.h"

/* Comparisons of two words that one pair of messages may take. */
#define BUDGET (UINT64_C(2) << 20)

typedef struct {
  Arena *arena;
  GArray *rows; /* DiffRow */
  uint64_t budget;
  size_t differences;
  bool cut;
} DiffBuilder;

/* Adds a row; in a changed one the words that differ are marked. */
static void add_diff_row(DiffBuilder *builder, const DiffRow *row)
{
  DiffRow added = *row;

  if (builder->rows->len >= DIFF_ROWS_MAX) {
    builder->cut = true;
    return;
  }
  if (row->kind == DIFF_CHANGED)
    diff_mark_words(builder->arena, &builder->budget, &added.left, &added.right);
  builder->differences += diff_row_differs(row);
  g_array_append_val(builder->rows, added);
}

/*
 * --- header fields, compared by name ---
 *
 * RFC 3261 7.3.1: the order of different fields has no meaning, that of the values of one has.
 */

enum {
  LEFT,
  RIGHT,
  SIDES,
  ENTRIES_MAX = DIFF_ROWS_MAX, /* of one message */
  WINDOW = 48,
  VALUE_COST = 64,  /* of comparing two values, in comparisons of words */
  LONG_VALUE = 2048 /* longer ones are compared byte by byte only */
};

/* One value of a header field. */
typedef struct {
  Slice name, value;
  uint32_t field;
} Entry;

/* All header fields of one name, in both messages. */
typedef struct {
  SipHeader header;
  uint64_t order; /* of display */
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

static void read_header_row(Headers *headers, unsigned side, const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);
  Entry entry = {row->name, row->value, field_of(headers, row)};
  SipListIter values = sip_list(row->value);

  /* Lists of addresses and hops are compared value by value, lists of words as a whole. */
  if (!info || info->shape != SIP_HEADER_LIST ||
      (row->header != SIP_HEADER_VIA && slice_find(row->value, '<') == row->value.len)) {
    add_entry(headers, side, &entry);
    return;
  }
  while (!headers->builder->cut && sip_list_next(&values, &entry.value))
    add_entry(headers, side, &entry);
}

/* A field has the place of its first row in the left message; one that is only in the right
 * message follows the field that it follows there. */
static void read_headers(Headers *headers, unsigned side)
{
  SipHeaderIter iter = sip_header_iter(headers->messages[side]);
  uint64_t order = 1;
  SipHeaderRow row;

  while (sip_header_next(&iter, &row)) {
    read_header_row(headers, side, &row);
    Field *field = &g_array_index(headers->fields, Field, field_of(headers, &row));
    if (side == LEFT && !field->in_left) {
      field->in_left = true;
      field->order = order += UINT64_C(1) << 32;
    } else if (side == RIGHT && field->in_left) {
      order = field->order;
    } else if (side == RIGHT && field->order == 0) {
      field->order = ++order;
    }
  }
}

/* Groups the entries by field, in their order. */
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

  while (at < s.len && slice_is_blank(s.data[at]))
    at++;
  return slice_from(s, at);
}

/* Any run of blanks equals any other (RFC 3261 7.3.1). */
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

static unsigned score_values(const void *data, uint32_t left, uint32_t right)
{
  const Values *values = data;
  Slice a = entry_at(values->headers, values->field, LEFT, left)->value;
  Slice b = entry_at(values->headers, values->field, RIGHT, right)->value;
  size_t start = 0, end = 0, least = MIN(a.len, b.len);

  if (slice_eq(a, b))
    return ALIGN_SAME;
  if (values_equal(values->field->header, a, b))
    return ALIGN_EQUAL;
  /* Alike, if common start and end are more than half of the longer one. */
  while (start < least && a.data[start] == b.data[start])
    start++;
  while (end < least - start && a.data[a.len - 1 - end] == b.data[b.len - 1 - end])
    end++;
  return (start + end) * 2 > MAX(a.len, b.len) ? ALIGN_ALIKE : 0;
}

static DiffSide side_of(const Entry *entry)
{
  return entry ? (DiffSide){.name = entry->name, .text = entry->value} : (DiffSide){0};
}

static void add_value_pair(const Headers *headers, const Field *field, AlignPair pair)
{
  const Entry *left = pair.left != ALIGN_NONE ? entry_at(headers, field, LEFT, pair.left) : NULL;
  const Entry *right =
    pair.right != ALIGN_NONE ? entry_at(headers, field, RIGHT, pair.right) : NULL;
  DiffRow row = {
    .kind = DIFF_CHANGED,
    .place = DIFF_HEADER,
    .left = side_of(left),
    .right = side_of(right),
  };

  if (!left || !right)
    row.kind = left ? DIFF_LEFT : DIFF_RIGHT;
  else if (slice_eq(left->value, right->value))
    row.kind = slice_eq(left->name, right->name) ? DIFF_SAME : DIFF_EQUAL;
  else if (values_equal(field->header, left->value, right->value))
    row.kind = DIFF_EQUAL;
  add_diff_row(headers->builder, &row);
}

/* Values without a partner, between two pairs: paired by position. */
static void add_unpaired(const Headers *headers, const Field *field, AlignPair start, AlignPair end)
{
  while (start.left < end.left || start.right < end.right) {
    AlignPair pair = {
      start.left < end.left ? start.left++ : ALIGN_NONE,
      start.right < end.right ? start.right++ : ALIGN_NONE,
    };
    add_value_pair(headers, field, pair);
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
    add_unpaired(headers, field, next, pair);
    add_value_pair(headers, field, pair);
    next = (AlignPair){pair.left + 1, pair.right + 1};
  }
  add_unpaired(headers, field, next, end);
}

/* The same values on different rows: none of them is a difference. */
static bool add_equal(const Headers *headers, const Field *field)
{
  uint32_t left = field->count[LEFT], right = field->count[RIGHT];

  if (left == right || left == 0 || right == 0 || field->header == SIP_HEADER_OTHER ||
      !sip_header_equal(headers->messages[LEFT], headers->messages[RIGHT], field->header))
    return false;
  for (uint32_t i = 0; i < MAX(left, right); i++)
    add_diff_row(
      headers->builder,
      &(DiffRow){.kind = DIFF_EQUAL,
                 .place = DIFF_HEADER,
                 .left = side_of(i < left ? entry_at(headers, field, LEFT, i) : NULL),
                 .right = side_of(i < right ? entry_at(headers, field, RIGHT, i) : NULL)});
  return true;
}

static void add_headers(DiffBuilder *builder, const SipMsg *left, const SipMsg *right)
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
    read_headers(&headers, side);
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

/*
 * --- bodies, compared line by line ---
 *
 * Session descriptions are compared media by media, so that a line of one is never paired with a
 * line of another.
 */

enum { LINES_MAX = DIFF_ROWS_MAX };

typedef struct {
  Slice text;
  uint32_t hash;
  uint32_t key; /* equal for lines about the same thing; 0: none */
} Line;

/* Lines of both bodies that are compared with each other. */
typedef struct {
  const Line *lines[SIDES];
  uint32_t counts[SIDES];
} Section;

static Slice first_word(Slice s)
{
  size_t len = 0;

  while (len < s.len && !memchr(" \t/;", s.data[len], 4))
    len++;
  return slice_head(s, len);
}

/* What precedes the value: "a=rtpmap:101", "a=ptime", "c", "Signal", "<CmdType". */
static Slice line_key(Slice line)
{
  static const char *const DIRECTIONS[] = {"a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive"};
  static const char *const NUMBERED[] = {"a=rtpmap", "a=fmtp", "a=rtcp-fb", "a=extmap"};
  size_t end = 0;

  if (line.len >= 2 && line.data[1] == '=' && line.data[0] != 'a')
    return slice_head(line, 1);
  for (size_t i = 0; i < G_N_ELEMENTS(DIRECTIONS); i++)
    if (slice_eq(line, slice_from_string(DIRECTIONS[i])))
      return SLICE("a=sendrecv");
  while (line.len > 0 && line.data[0] == '<' && end < line.len && !memchr("> ", line.data[end], 2))
    end++;
  if (end == 0)
    end = MIN(slice_find(line, ':'), slice_find(slice_from(line, 2), '=') + 2);
  for (size_t i = 0; i < G_N_ELEMENTS(NUMBERED); i++)
    if (slice_eq(slice_head(line, end), slice_from_string(NUMBERED[i])))
      return slice_head(line, end + 1 + first_word(slice_from(line, end + 1)).len);
  return end < line.len || (line.len > 2 && line.data[1] == '=') ? slice_head(line, end)
                                                                 : SLICE_NONE;
}

static GArray *read_lines(DiffBuilder *builder, Slice body)
{
  GArray *lines = g_array_new(false, false, sizeof(Line));

  while (body.len > 0 && lines->len < LINES_MAX) {
    Slice text = slice_take_line(&body), key = line_key(text);
    Line line = {text, text_hash(text), key.data ? text_hash(key) : 0};
    g_array_append_val(lines, line);
  }
  builder->cut |= body.len > 0;
  return lines;
}

static unsigned score_lines(const void *data, uint32_t left, uint32_t right)
{
  const Section *section = data;
  const Line *a = &section->lines[LEFT][left], *b = &section->lines[RIGHT][right];

  if (a->hash == b->hash && slice_eq(a->text, b->text))
    return a->text.len > 0 ? ALIGN_SAME : ALIGN_EQUAL;
  return a->key != 0 && a->key == b->key ? ALIGN_ALIKE : 0;
}

static void add_section(DiffBuilder *builder, const Section *section)
{
  g_autoptr(GArray) pairs = g_array_new(false, false, sizeof(AlignPair));

  align_items(&(AlignInput){.left_count = section->counts[LEFT],
                            .right_count = section->counts[RIGHT],
                            .score = score_lines,
                            .data = section,
                            .window = ALIGN_WINDOW_MAX,
                            .cost = 1,
                            .budget = &builder->budget},
              pairs);
  for (guint i = 0; i < pairs->len; i++) {
    AlignPair pair = g_array_index(pairs, AlignPair, i);
    DiffRow row = {.kind = DIFF_CHANGED, .place = DIFF_BODY};

    if (pair.left != ALIGN_NONE)
      row.left.text = section->lines[LEFT][pair.left].text;
    if (pair.right != ALIGN_NONE)
      row.right.text = section->lines[RIGHT][pair.right].text;
    if (pair.right == ALIGN_NONE)
      row.kind = DIFF_LEFT;
    else if (pair.left == ALIGN_NONE)
      row.kind = DIFF_RIGHT;
    else if (slice_eq(row.left.text, row.right.text))
      row.kind = DIFF_SAME;
    add_diff_row(builder, &row);
  }
}

/* Lines of the session, or of one media description. */
typedef struct {
  uint32_t start, count;
  Slice media; /* "m=audio"; empty of the session */
} Part;

typedef struct {
  const GArray *lines[SIDES];
  GArray *parts[SIDES]; /* Part */
} Parts;

static bool is_sdp_body(const SipMsg *sip)
{
  Slice sdp = sip_msg_sdp(sip);

  return sdp.data && sdp.data == sip->content.bytes.data;
}

/* All that follows the header; the content where it was decoded. */
static Slice shown_body(const SipMsg *sip)
{
  return sip_msg_is_decoded(sip) ? sip->content.bytes : slice_from(sip->raw, sip->header_len);
}

/* Freed with g_array_unref. */
static GArray *split_parts(const GArray *lines, bool by_media)
{
  GArray *parts = g_array_new(false, false, sizeof(Part));
  Part part = {0};

  for (uint32_t i = 0; i < lines->len; i++) {
    Slice text = g_array_index(lines, Line, i).text;

    if (by_media && slice_starts_with(text, SLICE("m="))) {
      g_array_append_val(parts, part);
      part = (Part){.start = i, .media = first_word(text)};
    }
    part.count++;
  }
  g_array_append_val(parts, part);
  return parts;
}

static const Part *part_at(const Parts *parts, unsigned side, uint32_t i)
{
  return &g_array_index(parts->parts[side], Part, i);
}

static unsigned score_parts(const void *data, uint32_t left, uint32_t right)
{
  return slice_eq(part_at(data, LEFT, left)->media, part_at(data, RIGHT, right)->media)
           ? ALIGN_EQUAL
           : 0;
}

static void add_bodies(DiffBuilder *builder, const SipMsg *left, const SipMsg *right)
{
  g_autoptr(GArray) left_lines = read_lines(builder, shown_body(left));
  g_autoptr(GArray) right_lines = read_lines(builder, shown_body(right));
  bool by_media = is_sdp_body(left) && is_sdp_body(right);
  g_autoptr(GArray) left_parts = split_parts(left_lines, by_media);
  g_autoptr(GArray) right_parts = split_parts(right_lines, by_media);
  g_autoptr(GArray) pairs = g_array_new(false, false, sizeof(AlignPair));
  Parts parts = {{left_lines, right_lines}, {left_parts, right_parts}};

  align_items(&(AlignInput){.left_count = left_parts->len,
                            .right_count = right_parts->len,
                            .score = score_parts,
                            .data = &parts,
                            .window = ALIGN_WINDOW_MAX,
                            .cost = 1,
                            .budget = &builder->budget},
              pairs);
  for (guint i = 0; i < pairs->len; i++) {
    AlignPair pair = g_array_index(pairs, AlignPair, i);
    uint32_t items[SIDES] = {pair.left, pair.right};
    Section section = {0};

    for (unsigned side = LEFT; side < SIDES; side++) {
      const Part *part = items[side] == ALIGN_NONE ? NULL : part_at(&parts, side, items[side]);
      if (!part || part->count == 0) /* there may be no lines at all */
        continue;
      section.lines[side] = &g_array_index(parts.lines[side], Line, part->start);
      section.counts[side] = part->count;
    }
    add_section(builder, &section);
  }
}

/* --- the whole message --- */

MessageDiff message_diff_build(Arena *arena, const SipMsg *left, const SipMsg *right)
{
  DiffBuilder builder = {
    .arena = arena,
    .rows = g_array_new(false, false, sizeof(DiffRow)),
    .budget = BUDGET,
  };

  DiffRow start = {
    .kind = DIFF_CHANGED,
    .place = DIFF_START_LINE,
    .left = {.text = left->start_line},
    .right = {.text = right->start_line},
  };

  /* RFC 3261 19.1.4.  A different reason phrase is a change: people look at it. */
  if (slice_eq(left->start_line, right->start_line))
    start.kind = DIFF_SAME;
  else if (left->is_request && right->is_request &&
           slice_eq(left->method_text, right->method_text) && sip_uri_equal(left->uri, right->uri))
    start.kind = DIFF_EQUAL;
  add_diff_row(&builder, &start);
  add_headers(&builder, left, right);
  add_bodies(&builder, left, right);

  MessageDiff diff = {
    .rows = arena_copy(arena, builder.rows->data, builder.rows->len * sizeof(DiffRow)),
    .count = builder.rows->len,
    .differences = builder.differences,
    .cut = builder.cut,
  };
  g_array_unref(builder.rows);
  return diff;
}
