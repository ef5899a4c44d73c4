/* Programs that search for servers and passwords, by their User-Agent: scanner. */
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"

/* Default User-Agents of such programs; no phone or server uses them. */
static const char *const SCANNERS[] = {
  "friendly-scanner", "friendly-request", "sipvicious", "svmap",     "svwar", "svcrack", "sipcli",
  "pplsip",           "sip-scan",         "sipscan",    "sundayddr", "sivus", "iWar",    "sipptk",
};

/* As a whole word at the beginning: "sipcli/v1.8", not "sipclient". */
static const char *scanner_of(Slice text)
{
  Slice name = slice_trim(text);

  if (name.len > 1 && name.data[0] == '"')
    name = slice_from(name, 1);
  for (size_t i = 0; i < G_N_ELEMENTS(SCANNERS); i++) {
    Slice known = slice_from_string(SCANNERS[i]);
    bool is_word =
      name.len == known.len || (name.len > known.len && !g_ascii_isalnum(name.data[known.len]) &&
                                name.data[known.len] != '-');
    if (is_word && slice_starts_with_nocase(name, known))
      return SCANNERS[i];
  }
  return NULL;
}

void scanner_findings_add(CallCase *c, FindingList *list)
{
  const Message *first = c->call->first;
  SipHeaderRow row;

  if (!first || !message_is_request(first))
    return;
  const SipMsg *sip = call_case_load(c, first);
  if (!sip || !sip_msg_find(sip, SIP_HEADER_USER_AGENT, &row))
    return;
  const char *scanner = scanner_of(row.value);
  if (!scanner)
    return;
  Finding *finding = finding_add(list, FINDING_SCANNER, "%s has the User-Agent of a scanner: %s",
                                 say_endpoint(c, first->src), scanner);
  call_case_prove(finding, first);
  call_case_blame(c, finding, first->src, 0);
}
