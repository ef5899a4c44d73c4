#include "ui/show/message_diff.h"

#include "dissect/sip/sip_equal.h"
#include "ui/show/diff_build.h"

/* Comparisons of two words that one pair of messages may take. */
#define BUDGET (UINT64_C(2) << 20)

void diff_add_row(DiffBuilder *builder, const DiffRow *row)
{
  DiffRow added = *row;

  if (builder->rows->len >= DIFF_ROWS_MAX) {
    builder->cut = true;
    return;
  }
  if (row->kind == DIFF_CHANGED)
    diff_mark_words(builder, &added.left, &added.right);
  builder->differences += diff_row_differs(row);
  g_array_append_val(builder->rows, added);
}

/* RFC 3261 19.1.4; the reason phrase is for people, who want to see it change. */
static DiffKind compare_start_lines(const SipMsg *left, const SipMsg *right)
{
  if (slice_eq(left->start_line, right->start_line))
    return DIFF_SAME;
  if (left->is_request && right->is_request && slice_eq(left->method_text, right->method_text) &&
      sip_uri_equal(left->uri, right->uri))
    return DIFF_EQUAL;
  return DIFF_CHANGED;
}

MessageDiff message_diff_build(Arena *arena, const SipMsg *left, const SipMsg *right)
{
  DiffBuilder builder = {
    .arena = arena,
    .rows = g_array_new(false, false, sizeof(DiffRow)),
    .budget = BUDGET,
  };

  diff_add_row(&builder, &(DiffRow){.kind = compare_start_lines(left, right),
                                    .place = DIFF_START_LINE,
                                    .left = {.text = left->start_line},
                                    .right = {.text = right->start_line}});
  diff_add_headers(&builder, left, right);
  diff_add_bodies(&builder, left, right);

  MessageDiff diff = {
    .rows = arena_copy(arena, builder.rows->data, builder.rows->len * sizeof(DiffRow)),
    .count = builder.rows->len,
    .differences = builder.differences,
    .cut = builder.cut,
  };
  g_array_unref(builder.rows);
  return diff;
}
