/* The rows of a header block: one with a single value is taken apart itself, one with several has
 * a node for each. */
#include "dissect/sip/sip_values.h"
#include "ui/show/tree_build.h"

/* RFC 3261 7.3.3: what it is called where it stands in its compact form. */
static Slice compact_note(TreeBuilder *tree, const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);

  if (!info || info->compact == 0 || row->name.len != 1)
    return SLICE_NONE;
  return tree_format(tree, "compact: %c", row->name.data[0]);
}

/* Header fields that are a number of seconds. */
static bool is_seconds(SipHeader header)
{
  return header == SIP_HEADER_EXPIRES || header == SIP_HEADER_MIN_EXPIRES ||
         header == SIP_HEADER_SESSION_EXPIRES || header == SIP_HEADER_MIN_SE ||
         header == SIP_HEADER_RETRY_AFTER;
}

static Slice seconds_note(TreeBuilder *tree, Slice value)
{
  char text[TIME_TEXT_MAX];
  uint32_t seconds;

  if (!slice_to_u32(slice_trim(sip_cut_params(&value)), &seconds) || seconds < 60)
    return SLICE_NONE;
  return arena_dup(tree->arena, slice_from_string(duration_format(seconds * SECOND_NS, text)));
}

static Slice note_of(TreeBuilder *tree, const SipHeaderRow *row)
{
  if (row->header == SIP_HEADER_DATE)
    return tree_date_note(tree, row->value);
  return is_seconds(row->header) ? seconds_note(tree, row->value) : compact_note(tree, row);
}

/* Several values in one row, a node each. */
static void put_list(TreeBuilder *tree, const SipHeaderRow *row)
{
  SipListIter values = sip_list(row->value);
  unsigned number = 1;
  Slice value;

  while (!tree->cut && sip_list_next(&values, &value)) {
    tree_begin(tree, &(TreeItem){.name = tree_format(tree, "%u", number++),
                                 .value = value,
                                 .kind = TREE_VALUE,
                                 .header = row->header});
    tree_put_value(tree, row->header, value);
    tree_end(tree);
  }
}

static bool has_several(const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);
  SipListIter values = sip_list(row->value);
  Slice value;

  return info && info->shape == SIP_HEADER_LIST && sip_list_next(&values, &value) && !values.ended;
}

static void put_row(TreeBuilder *tree, const SipHeaderRow *row)
{
  const SipHeaderInfo *info = sip_header_info(row->header);

  tree_begin(tree, &(TreeItem){.name = info ? slice_from_string(info->name) : row->name,
                               .value = row->value,
                               .note = note_of(tree, row),
                               .octets = slice_trim(row->row),
                               .kind = TREE_HEADER,
                               .closed = true,
                               .header = row->header});
  if (has_several(row))
    put_list(tree, row);
  else
    tree_put_value(tree, row->header, row->value);
  tree_end(tree);
}

void tree_put_headers(TreeBuilder *tree, SipHeaderIter *iter)
{
  SipHeaderRow row;

  while (sip_header_next(iter, &row))
    if (!tree->cut)
      put_row(tree, &row);
}
