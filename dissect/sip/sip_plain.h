/*
 * The usual forms of header field values, which surely have no error that sip_check reports:
 * sip_msg_parse asks for every row, so that only few messages need the full check.
 */
#pragma once

#include "dissect/sip/sip_msg.h"

/* Is this row of a usual form?  `again`: there was one of that header field before.  Via, From and
 * To are checked as sip_msg_parse reads them. */
bool sip_row_is_plain(const SipHeaderRow *row, bool again);

/* Is the value of a From or To without errors, and its tag a token?  *ret_tag is absent when it has
 * none. */
bool sip_addr_is_plain(Slice value, Slice *ret_tag);

/* A URI without errors; false for those that are only unusual, too. */
bool sip_uri_is_plain(Slice uri);

/* Has a comma list an empty value?  True for some that have none, too. */
bool sip_list_may_have_gap(Slice list);
