/*
 * Takes header blocks apart row by row (RFC 3261 7.3.1), for the parsers of this folder.  Inline:
 * this is the inner loop of sip_msg_parse.
 */
#pragma once

#include "dissect/sip/sip_chars.h"
#include "dissect/sip/sip_msg.h"

typedef enum {
  SIP_ROW_FIELD,
  SIP_ROW_CUT,   /* a field, but the bytes end before its line does */
  SIP_ROW_EMPTY, /* the empty line that ends the block */
  SIP_ROW_NONE,  /* no bytes are left */
} SipRowKind;

/* Length of the row: a line that begins with a blank continues it. */
static inline size_t sip_row_len(Slice rest, bool *ret_ended, bool *lf_only)
{
  size_t at = 0;

  while (true) {
    const char *lf = memchr(rest.data + at, '\n', rest.len - at);
    *ret_ended = lf != NULL;
    if (!lf)
      return rest.len;
    at = (size_t) (lf - rest.data) + 1;
    if (at < 2 || rest.data[at - 2] != '\r')
      *lf_only = true;
    if (at == rest.len || (rest.data[at] != ' ' && rest.data[at] != '\t'))
      return at;
  }
}

/* Is this the empty line?  A second CR is tolerated. */
static inline bool sip_row_is_empty(Slice rest)
{
  size_t at = 0;

  while (at < rest.len && rest.data[at] == '\r')
    at++;
  return at < rest.len && rest.data[at] == '\n';
}

/*
 * Takes the next row from *rest.  Sets *lf_only when a line of it ends in LF alone, else leaves
 * it.  SIP_ROW_NONE leaves ret_row alone; of an empty line only `row` is set.
 */
static inline SipRowKind sip_row_take(Slice *rest, SipHeaderRow *ret_row, bool *lf_only)
{
  bool ended = true;

  if (rest->len == 0)
    return SIP_ROW_NONE;
  if (sip_row_is_empty(*rest)) {
    size_t len = slice_find(*rest, '\n') + 1;
    if (len < 2)
      *lf_only = true;
    ret_row->row = slice_head(*rest, len);
    *rest = slice_from(*rest, len);
    return SIP_ROW_EMPTY;
  }

  Slice row = slice_head(*rest, sip_row_len(*rest, &ended, lf_only));
  const char *colon = memchr(row.data, ':', row.len);
  *rest = slice_from(*rest, row.len);
  ret_row->row = row;
  if (!colon) {
    ret_row->header = SIP_HEADER_OTHER;
    ret_row->name = SLICE_NONE;
    ret_row->value = slice_trim(row);
    return ended ? SIP_ROW_FIELD : SIP_ROW_CUT;
  }
  size_t name = (size_t) (colon - row.data);
  ret_row->value = slice_trim(slice_from(row, name + 1));
  while (name > 0 && sip_char_is(row.data[name - 1], SIP_CHAR_BLANK)) /* HCOLON */
    name--;
  ret_row->name = slice_head(row, name);
  ret_row->header = sip_header_from_slice(ret_row->name);
  return ended ? SIP_ROW_FIELD : SIP_ROW_CUT;
}
