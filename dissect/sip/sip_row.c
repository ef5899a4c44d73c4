#include "dissect/sip/sip_row.h"

SipHeaderIter sip_header_iter(const SipMsg *msg)
{
  Slice block = slice_head(msg->raw, msg->header_len);
  size_t start = msg->start_line.data ? (size_t) (msg->start_line.data - block.data) : 0;

  block = slice_from(block, start);
  slice_take_line(&block);
  return (SipHeaderIter){.rest = block};
}

bool sip_header_next(SipHeaderIter *iter, SipHeaderRow *ret_row)
{
  SipHeaderRow row;
  bool lf_only;
  SipRowKind kind = sip_row_take(&iter->rest, &row, &lf_only);

  if (kind == SIP_ROW_NONE || kind == SIP_ROW_EMPTY)
    return false;
  *ret_row = row;
  return true;
}

bool sip_msg_find(const SipMsg *msg, SipHeader header, SipHeaderRow *ret_row)
{
  SipHeaderIter iter = sip_header_iter(msg);
  SipHeaderRow row;
  while (sip_header_next(&iter, &row))
    if (row.header == header && row.name.data) {
      *ret_row = row;
      return true;
    }
  return false;
}
