/* Searches for servers, users, passwords and ways to telephone: programs by their User-Agent
 * (scanner), and bursts of attempts (enumeration, registration-flood, toll-fraud). */
#include "capture/language.h"
#include "dissect/diagnose/rules.h"
#include "dissect/diagnose/sentence.h"
#include "dissect/sip/sip_agent.h"

static void add_scanner(CallCase *c, const Message *first, FindingList *list)
{
  const SipMsg *sip = call_case_load_saying(c, first, MESSAGE_SAYS_SCANNER);
  SipHeaderRow row;

  if (!sip || !sip_msg_find(sip, SIP_HEADER_USER_AGENT, &row))
    return;
  const char *scanner = sip_agent_scanner(row.value);
  if (!scanner)
    return;
  Finding *finding = finding_add(list, FINDING_SCANNER, "%s has the User-Agent of a scanner: %s",
                                 say_endpoint(c, first->src), scanner);
  call_case_prove(finding, first);
  call_case_blame(c, finding, first->src, 0);
}

/* The request, and what was answered. */
static void prove(CallCase *c, Finding *finding, const Message *first)
{
  call_case_prove(finding, first);
  call_case_prove(finding, first->transaction->final);
  call_case_blame(c, finding, first->src, 0);
}

/* Users in the order of their numbers are tried by a program; others may be those of a gateway that
 * are refused for another reason. */
static void add_enumeration(CallCase *c, const Message *first, FindingList *list)
{
  const Burst *burst = trace_burst(c->trace, c->call, BURST_USERS);

  if (!burst)
    return;
  Finding *finding = finding_add(
    list, FINDING_ENUMERATION, "%s tried at least %u users of %s within %s, and was refused",
    say_endpoint(c, first->src), burst->different, say_endpoint(c, first->dst),
    say_span(c, burst->to_ns - burst->from_ns));
  prove(c, finding, first);
  if (burst->in_order < burst->different / 2)
    finding_weaken(finding, "the users are in no order: the client may be a gateway");
}

/* One finding: of the address-of-record, or else of the client. */
static void add_flood(CallCase *c, const Message *first, FindingList *list)
{
  const Burst *of_aor = trace_burst(c->trace, c->call, BURST_AOR);
  const Burst *burst = of_aor ? of_aor : trace_burst(c->trace, c->call, BURST_REGISTERS);

  if (!burst)
    return;
  Finding *finding =
    finding_add(list, FINDING_REGISTRATION_FLOOD, "%u REGISTERs %s within %s", burst->attempts,
                of_aor ? say(c, "for %s", say_text(c, call_text_kept(c->call, CALL_TEXT_TO)))
                       : say(c, "for at least %u addresses-of-record came from %s",
                             burst->different, say_endpoint(c, first->src)),
                say_span(c, burst->to_ns - burst->from_ns));
  prove(c, finding, first);
}

static void add_fraud(CallCase *c, const Message *first, FindingList *list)
{
  const Burst *burst = trace_burst(c->trace, c->call, BURST_NUMBER);

  if (!burst)
    return;
  Finding *finding = finding_add(
    list, FINDING_TOLL_FRAUD, "%s dialled the number of %s with at least %u prefixes within %s; %s",
    say_endpoint(c, first->src), say_text(c, call_text_kept(c->call, CALL_TEXT_TO)),
    burst->different, say_span(c, burst->to_ns - burst->from_ns),
    burst->accepted > 0 ? say(c, "%s was answered", say_times(c, burst->accepted))
                        : _("all were refused"));
  prove(c, finding, first);
  if (burst->accepted == 0)
    finding_weaken(finding, "no call was answered");
}

void attack_findings_add(CallCase *c, FindingList *list)
{
  const Message *first = c->call->first;

  if (!first || !message_is_request(first))
    return;
  add_scanner(c, first, list);
  add_enumeration(c, first, list);
  if (c->call->method == SIP_METHOD_REGISTER)
    add_flood(c, first, list);
  if (c->call->method == SIP_METHOD_INVITE)
    add_fraud(c, first, list);
}
