#include "dissect/diagnose/hop_change.h"

#include "dissect/sip/sip_body.h"
#include "dissect/sip/sip_equal.h"
#include "dissect/sip/sip_values.h"

enum { ROWS_MAX = 256 }; /* of one message; those that follow are not compared */

static void add(HopChanges *changes, const HopChange *change)
{
  if (changes->count < HOP_CHANGES_MAX)
    changes->items[changes->count++] = *change;
  else
    changes->left_out++;
}

/* --- header fields --- */

typedef struct {
  SipHeaderRow rows[ROWS_MAX];
  size_t count;
} Rows;

static void rows_read(Rows *rows, const SipMsg *sip)
{
  SipHeaderIter iter = sip_header_iter(sip);

  rows->count = 0;
  while (rows->count < ROWS_MAX && sip_header_next(&iter, &rows->rows[rows->count]))
    if (rows->rows[rows->count].name.data)
      rows->count++;
}

static bool is_same_name(const SipHeaderRow *a, const SipHeaderRow *b)
{
  return a->header == b->header &&
         (a->header != SIP_HEADER_OTHER || slice_eq_nocase(a->name, b->name));
}

/* The first row of that name from `from` on; rows->count without one. */
static size_t rows_find(const Rows *rows, const SipHeaderRow *like, size_t from)
{
  size_t i = from;

  while (i < rows->count && !is_same_name(&rows->rows[i], like))
    i++;
  return i;
}

static bool is_first_of_name(const Rows *rows, size_t index)
{
  return rows_find(rows, &rows->rows[index], 0) == index;
}

/* Header fields that are not known are compared row by row. */
static bool are_others_equal(const Rows *before, const Rows *after, const SipHeaderRow *like)
{
  size_t i = rows_find(before, like, 0), j = rows_find(after, like, 0);

  while (i < before->count && j < after->count) {
    if (!slice_eq(before->rows[i].value, after->rows[j].value))
      return false;
    i = rows_find(before, like, i + 1);
    j = rows_find(after, like, j + 1);
  }
  return i == before->count && j == after->count;
}

/* RFC 3261 16.6 step 3: less one is what a proxy has to do. */
static bool is_usual(const SipHeaderRow *before, const SipHeaderRow *after)
{
  uint32_t from, to;

  if (after->header == SIP_HEADER_VIA || after->header == SIP_HEADER_CONTENT_LENGTH)
    return true;
  return after->header == SIP_HEADER_MAX_FORWARDS && before && slice_to_u32(before->value, &from) &&
         slice_to_u32(after->value, &to) && to + 1 == from;
}

unsigned sip_msg_count_values(const SipMsg *sip, SipHeader header)
{
  SipHeaderIter iter = sip_header_iter(sip);
  SipHeaderRow row;
  unsigned count = 0;

  while (sip_header_next(&iter, &row)) {
    SipListIter list = sip_list(row.value);
    Slice value;
    while (row.header == header && sip_list_next(&list, &value))
      count++;
  }
  return count;
}

/* Of a list that both have and that differs. */
static HopChangeKind kind_of_list(const SipMsg *before, const SipMsg *after, SipHeader header)
{
  const SipHeaderInfo *info = sip_header_info(header);
  if (!info || info->shape != SIP_HEADER_LIST)
    return HOP_CHANGED;
  unsigned left = sip_msg_count_values(before, header), right = sip_msg_count_values(after, header);
  return right > left ? HOP_ADDED : right < left ? HOP_REMOVED : HOP_CHANGED;
}

static void add_header(HopChanges *changes, HopChangeKind kind, const SipHeaderRow *before,
                       const SipHeaderRow *after)
{
  const SipHeaderRow *row = after ? after : before;
  const SipHeaderInfo *info = sip_header_info(row->header);

  if (is_usual(before, row))
    return;
  add(changes, &(HopChange){
                 .kind = kind,
                 .place = HOP_OF_HEADER,
                 .header = row->header,
                 .name = info ? slice_from_string(info->name) : row->name,
                 .before = before ? before->value : SLICE_NONE,
                 .after = after ? after->value : SLICE_NONE,
               });
}

static void find_headers(const SipMsg *before, const SipMsg *after, HopChanges *changes)
{
  Rows left, right;

  rows_read(&left, before);
  rows_read(&right, after);
  for (size_t i = 0; i < right.count; i++) {
    const SipHeaderRow *row = &right.rows[i];
    size_t at = rows_find(&left, row, 0);
    if (!is_first_of_name(&right, i))
      continue;
    if (at == left.count)
      add_header(changes, HOP_ADDED, NULL, row);
    else if (row->header == SIP_HEADER_OTHER ? !are_others_equal(&left, &right, row)
                                             : !sip_header_equal(before, after, row->header))
      add_header(changes, kind_of_list(before, after, row->header), &left.rows[at], row);
  }
  for (size_t i = 0; i < left.count; i++)
    if (is_first_of_name(&left, i) && rows_find(&right, &left.rows[i], 0) == right.count)
      add_header(changes, HOP_REMOVED, &left.rows[i], NULL);
}

/* --- bodies --- */

/* The next line of `rest` that the other one does not have at its place; false at the end. */
static bool next_difference(Slice *before, Slice *after, Slice *ret_before, Slice *ret_after)
{
  while (before->len > 0 || after->len > 0) {
    *ret_before = slice_take_line(before);
    *ret_after = slice_take_line(after);
    if (!slice_eq(*ret_before, *ret_after))
      return true;
  }
  return false;
}

/* Lines by their place: an element that adds or removes some changes all that follow, which is one
 * change. */
static void find_sdp(Slice before, Slice after, HopChanges *changes)
{
  Slice left, right;

  while (next_difference(&before, &after, &left, &right)) {
    bool is_same_kind = left.len > 1 && right.len > 1 && left.data[0] == right.data[0];
    add(changes, &(HopChange){
                   .kind = HOP_CHANGED,
                   .place = HOP_OF_SDP,
                   .name = is_same_kind ? slice_head(right, 2) : SLICE("session description"),
                   .before = left,
                   .after = right,
                 });
    if (!is_same_kind)
      return;
  }
}

static void find_body(const SipMsg *before, const SipMsg *after, HopChanges *changes)
{
  Slice left = sip_msg_sdp(before), right = sip_msg_sdp(after);
  bool is_cut = !before->complete || !after->complete;

  if (is_cut || slice_eq(before->body, after->body))
    return;
  if (left.len > 0 && right.len > 0) {
    find_sdp(left, right, changes);
    return;
  }
  HopChangeKind kind = before->body.len == 0  ? HOP_ADDED
                       : after->body.len == 0 ? HOP_REMOVED
                                              : HOP_CHANGED;
  bool is_sdp = left.len > 0 || right.len > 0;
  add(changes, &(HopChange){
                 .kind = kind,
                 .place = is_sdp ? HOP_OF_SDP : HOP_OF_BODY,
                 .name = is_sdp ? SLICE("session description") : SLICE("body"),
               });
}

void hop_changes_find(const SipMsg *before, const SipMsg *after, HopChanges *changes)
{
  changes->count = changes->left_out = 0;
  if (before->is_request && after->is_request && !sip_uri_equal(before->uri, after->uri))
    add(changes, &(HopChange){
                   .kind = HOP_CHANGED,
                   .place = HOP_OF_URI,
                   .name = SLICE("Request-URI"),
                   .before = before->uri,
                   .after = after->uri,
                 });
  find_headers(before, after, changes);
  find_body(before, after, changes);
}

const HopChange *hop_changes_of(const HopChanges *changes, SipHeader header)
{
  for (size_t i = 0; i < changes->count; i++)
    if (changes->items[i].place == HOP_OF_HEADER && changes->items[i].header == header)
      return &changes->items[i];
  return NULL;
}
