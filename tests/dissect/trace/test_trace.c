/*
 * Correlation, by flows in text.  A step is
 *
 *   MS FROM>TO START CSEQ BRANCH FROM-TAG TO-TAG  ->  TRANSACTION DIALOG MARK
 *
 * START: a method or a status; CSEQ: number:method; "-" is "none"; BRANCH gets the magic cookie
 * in front unless it begins with "!"; MARK: R retransmission, D duplicate.  Numbers are those the
 * trace must give.  Hosts are letters: each is an address of its own.
 */
#include "tests/test.h"

#include <stdio.h>

#include "dissect/trace/trace.h"

enum { WORD = 40 };

typedef struct {
  int ms;
  char from, to;
  char start[WORD], cseq[WORD], branch[WORD], from_tag[WORD], to_tag[WORD];
  unsigned transaction, dialog;
  char mark;
} Step;

/* Of the first step: 0 would be a time that is not known. */
#define START_NS INT64_C(1000000000)

static Step step_parse(const char *line)
{
  Step s = {0};
  char dialog[WORD];
  int n = sscanf(line, "%d %c>%c %39s %39s %39s %39s %39s -> %u %39s %c", &s.ms, &s.from, &s.to,
                 s.start, s.cseq, s.branch, s.from_tag, s.to_tag, &s.transaction, dialog, &s.mark);

  if (n != 11)
    fail_msg("bad step: %s", line);
  s.dialog = dialog[0] == '-' ? 0 : (unsigned) g_ascii_strtoull(dialog, NULL, 10);
  return s;
}

static void append_tag(GString *text, const char *name, const char *tag)
{
  g_string_append_printf(text, "%s: <sip:%c@example.com>", name, name[0]);
  if (tag[0] != '-')
    g_string_append_printf(text, ";tag=%s", tag);
  g_string_append(text, "\r\n");
}

/* START may carry the Request-URI behind a slash. */
static char *step_message(const Step *s, const char *call_id)
{
  GString *text = g_string_new(NULL);
  g_auto(GStrv) start = g_strsplit(s->start, "/", 2);
  g_auto(GStrv) cseq = g_strsplit(s->cseq, ":", 2);
  g_auto(GStrv) branch = g_strsplit(s->branch, "@", 2);

  if (g_ascii_isdigit(start[0][0]))
    g_string_append_printf(text, "SIP/2.0 %s Reason\r\n", start[0]);
  else
    g_string_append_printf(text, "%s sip:%s@example.com SIP/2.0\r\n", start[0],
                           start[1] ? start[1] : "bob");
  g_string_append_printf(text, "Via: SIP/2.0/UDP %s", branch[1] ? branch[1] : "a.example.com");
  if (branch[0][0] == '!')
    g_string_append_printf(text, ";branch=%s", branch[0] + 1);
  else if (branch[0][0] != '-')
    g_string_append_printf(text, ";branch=z9hG4bK%s", branch[0]);
  if (branch[1] && branch[1][0] != 'a')
    g_string_append(text, "\r\nVia: SIP/2.0/UDP a.example.com;branch=z9hG4bKbelow");
  g_string_append(text, "\r\n");
  append_tag(text, "From", s->from_tag);
  append_tag(text, "To", s->to_tag);
  if (call_id)
    g_string_append_printf(text, "Call-ID: %s\r\n", call_id);
  g_string_append_printf(text, "CSeq: %s %s\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
                         cseq[0], cseq[1]);
  return g_string_free(text, false);
}

static Endpoint host(char letter)
{
  return (Endpoint){.address = {192, 0, 2, (uint8_t) letter}, .port = 5060, .family = ADDRESS_IPV4};
}

/* What tells packets apart. */
typedef struct {
  uint16_t ip_id;
  uint8_t ttl;
} Ip;

static const Message *step_play_ip(Trace *trace, const Step *s, const char *call_id, Ip ip)
{
  g_autofree char *text = step_message(s, call_id);
  g_autofree char *octets = exact_copy(text, strlen(text));
  Arrival arrival = {.raw = {.octets = slice_of(octets, strlen(text)),
                             .transport = TRANSPORT_UDP,
                             .src = host(s->from),
                             .dst = host(s->to),
                             .ip_id = ip.ip_id,
                             .ttl = ip.ttl,
                             .time_ns = START_NS + s->ms * INT64_C(1000000)}};

  assert_true(arrival_parse(&arrival, 42));
  trace_note_time(trace, arrival.raw.time_ns, arrival.raw.time_ns);
  return trace_add(trace, &arrival);
}

static const Message *step_play(Trace *trace, const Step *s, const char *call_id)
{
  return step_play_ip(trace, s, call_id, (Ip){0});
}

static char mark_of(const Message *message)
{
  if (message->flags & MESSAGE_RETRANSMISSION)
    return 'R';
  return message->flags & MESSAGE_DUPLICATE ? 'D' : '.';
}

static void step_check(const char *name, const Step *s, const Message *message)
{
  unsigned dialog = message->dialog ? message->dialog->number : 0;

  if (message->transaction->number != s->transaction || dialog != s->dialog ||
      mark_of(message) != s->mark)
    fail_msg("%s: %d %s: transaction %u dialog %u mark %c", name, s->ms, s->start,
             message->transaction->number, dialog, mark_of(message));
}

/* "OUTCOME STATE STATUS RING SETUP DURATION", times in ms, "-" where absent. */
static void append_summary(GString *text, const Trace *trace, const Call *call)
{
  CallSummary sum = call_summarize(call, trace_now(trace));
  const char *state = call_state_name(sum.state, sum.outcome);
  const int64_t times[] = {sum.ring_ns, sum.setup_ns, sum.duration_ns};

  const char *outcome = call_outcome_name(&sum);
  g_string_append_printf(text, "%s %s %u", outcome ? outcome : "-", state ? state : "-",
                         sum.status);
  for (size_t i = 0; i < G_N_ELEMENTS(times); i++)
    if (times[i] < 0)
      g_string_append(text, " -");
    else
      g_string_append_printf(text, " %d", (int) (times[i] / 1000000));
}

/* Of all calls, with " | " between them. */
static char *summary_text(const Trace *trace)
{
  GString *text = g_string_new(NULL);

  for (size_t i = 0; i < trace_call_count(trace); i++) {
    g_string_append(text, i > 0 ? " | " : "");
    append_summary(text, trace, trace_call_at(trace, i));
  }
  return g_string_free(text, false);
}

typedef struct {
  const char *name;
  const char *steps;
  const char *summary;
} Flow;

static void flow_check(const Flow *flow)
{
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  g_auto(GStrv) lines = g_strsplit(flow->steps, "\n", -1);

  for (size_t i = 0; lines[i] && lines[i][0]; i++) {
    Step s = step_parse(lines[i]);
    step_check(flow->name, &s, step_play(trace, &s, "call"));
  }
  g_autofree char *summary = summary_text(trace);
  if (strcmp(summary, flow->summary) != 0)
    fail_msg("%s: %s, not %s", flow->name, summary, flow->summary);
}

static const Flow FLOWS[] = {
  {"answered",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 100    1:INVITE i1 f - -> 1 - .\n"
   "200   b>a 180    1:INVITE i1 f t -> 1 1 .\n"
   "1200  b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "1300  a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "5300  b>a BYE    7:BYE    i3 t f -> 3 1 .\n"
   "5400  a>b 200    7:BYE    i3 t f -> 3 1 .\n",
   "answered completed 200 200 1200 4100"},
  {"time zero and no ACK: from the 2xx",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "0     b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "3000  b>a BYE    7:BYE    i3 t f -> 2 1 .\n",
   "answered completed 200 - 0 3000"},
  {"in call",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "500   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "600   a>b ACK    1:ACK    i1 f t -> 2 1 .\n",
   "answered in-call 200 - 500 -"},
  {"busy; the ACK belongs to the INVITE (17.1.1.3)",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 486    1:INVITE i1 f t -> 1 - .\n"
   "110   a>b ACK    1:ACK    i1 f t -> 1 - .\n",
   "busy busy 486 - - -"},
  {"600 is busy everywhere",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 600    1:INVITE i1 f t -> 1 - .\n",
   "busy busy 600 - - -"},
  {"400 is a failure",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 400    1:INVITE i1 f t -> 1 - .\n"
   "110   a>b ACK    1:ACK    i1 f t -> 1 - .\n",
   "failed failed 400 - - -"},
  {"cancelled (9.1): a transaction of its own with the INVITE's branch",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 180    1:INVITE i1 f t -> 1 1 .\n"
   "900   a>b CANCEL 1:CANCEL i1 f - -> 2 - .\n"
   "910   b>a 200    1:CANCEL i1 f t -> 2 1 .\n"
   "920   b>a 487    1:INVITE i1 f t -> 1 1 .\n"
   "930   a>b ACK    1:ACK    i1 f t -> 1 1 .\n",
   "cancelled cancelled 487 100 - -"},
  {"487 whose CANCEL was not captured",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "920   b>a 487    1:INVITE i1 f t -> 1 - .\n",
   "cancelled cancelled 487 - - -"},
  {"redirected, and the new target did not answer in the capture",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 302    1:INVITE i1 f t -> 1 - .\n"
   "110   a>b ACK    1:ACK    i1 f t -> 1 - .\n",
   "redirected redirected 302 - - -"},
  {"redirected, then answered (8.1.3.4)",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 302    1:INVITE i1 f t -> 1 - .\n"
   "110   a>b ACK    1:ACK    i1 f t -> 1 - .\n"
   "120   a>c INVITE 2:INVITE i2 f - -> 2 - .\n"
   "300   c>a 200    2:INVITE i2 f u -> 2 1 .\n",
   "answered in-call 200 - 300 -"},
  {"407 that was tried again does not count",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 407    1:INVITE i1 f t -> 1 - .\n"
   "110   a>b ACK    1:ACK    i1 f t -> 1 - .\n"
   "120   a>b INVITE 2:INVITE i2 f - -> 2 - .\n"
   "300   b>a 486    2:INVITE i2 f u -> 2 - .\n",
   "busy busy 486 - - -"},
  {"407 that was not",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 407    1:INVITE i1 f t -> 1 - .\n",
   "failed failed 407 - - -"},
  {"no answer: still calling while Timer B runs",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "500   a>b INVITE 1:INVITE i1 f - -> 1 - R\n"
   "1500  a>b INVITE 1:INVITE i1 f - -> 1 - R\n",
   "unanswered calling 0 - - -"},
  {"no answer: all copies sent",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "500   a>b INVITE 1:INVITE i1 f - -> 1 - R\n"
   "31500 a>b INVITE 1:INVITE i1 f - -> 1 - R\n",
   "unanswered unanswered 0 - - -"},
  {"ringing",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 180    1:INVITE i1 f t -> 1 1 .\n"
   "90000 b>a 180    1:INVITE i1 f t -> 1 1 R\n",
   "unanswered ringing 0 100 - -"},
  {"retransmissions behind other messages, each on its hop",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10    b>c INVITE 1:INVITE p1@b.example.com f - -> 2 - .\n"
   "20    b>a 100    1:INVITE i1 f - -> 1 - .\n"
   "500   a>b INVITE 1:INVITE i1 f - -> 1 - R\n"
   "510   b>c INVITE 1:INVITE p1@b.example.com f - -> 2 - R\n"
   "600   c>b 200    1:INVITE p1@b.example.com f t -> 2 1 .\n"
   "610   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "1110  b>a 200    1:INVITE i1 f t -> 1 1 R\n",
   "answered in-call 200 - 610 -"},
  {"the same packet twice is no retransmission",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "1     a>b INVITE 1:INVITE i1 f - -> 1 - D\n"
   "500   a>b INVITE 1:INVITE i1 f - -> 1 - R\n"
   "501   a>b INVITE 1:INVITE i1 f - -> 1 - D\n",
   "unanswered calling 0 - - -"},
  {"fork: two To tags are two dialogs (12.1); the late one is ended at once",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 180    1:INVITE i1 f t -> 1 1 .\n"
   "110   b>a 180    1:INVITE i1 f u -> 1 2 .\n"
   "200   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "210   b>a 200    1:INVITE i1 f u -> 1 2 .\n"
   "220   a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "230   a>b ACK    1:ACK    i3 f u -> 3 2 .\n"
   "240   a>b BYE    2:BYE    i4 f u -> 4 2 .\n"
   "9220  a>b BYE    3:BYE    i5 f t -> 5 1 .\n",
   "answered completed 200 100 200 9020"},
  {"the caller's hop decides among forks",
   "0     a>p INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10    p>b INVITE 1:INVITE p1@p.example.com f - -> 2 - .\n"
   "20    p>c INVITE 1:INVITE p2@p.example.com f - -> 3 - .\n"
   "30    b>p 486    1:INVITE p1@p.example.com f t -> 2 - .\n"
   "40    c>p 404    1:INVITE p2@p.example.com f u -> 3 - .\n"
   "50    p>a 404    1:INVITE i1 f u -> 1 - .\n",
   "failed failed 404 - - -"},
  {"a re-INVITE that fails leaves the call answered",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "110   a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "500   b>a INVITE 5:INVITE i3 t f -> 3 1 .\n"
   "510   a>b 488    5:INVITE i3 t f -> 3 1 .\n"
   "520   b>a ACK    5:ACK    i3 t f -> 3 1 .\n",
   "answered in-call 200 - 100 -"},
  {"start not captured: 200 and ACK",
   "0     b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "10    a>b ACK    1:ACK    i2 f t -> 2 1 .\n",
   "answered in-call 200 - - -"},
  {"start not captured: BYE",
   "0     b>a BYE    1:BYE i1 f t -> 1 1 .\n"
   "10    a>b 200    1:BYE i1 f t -> 1 1 .\n",
   "answered completed 0 - - -"},
  {"one branch for everything (a peer seen in the wild)",
   "0     a>b MESSAGE 1:MESSAGE c f - -> 1 - .\n"
   "10    b>a 200     1:MESSAGE c f t -> 1 - .\n"
   "20    a>b MESSAGE 2:MESSAGE c f - -> 2 - .\n"
   "30    b>a 200     2:MESSAGE c f t -> 2 - .\n"
   "60000 a>b MESSAGE 2:MESSAGE c f - -> 3 - .\n",
   "unanswered - 0 - - -"},
  {"misspelt cookie: matched as RFC 2543",
   "0     a>b INVITE 1:INVITE !z3hG9bKx f - -> 1 - .\n"
   "100   b>a 486    1:INVITE !z3hG9bKx f t -> 1 - .\n"
   "110   a>b ACK    1:ACK    !z3hG9bKx f t -> 1 - .\n",
   "busy busy 486 - - -"},
  {"no branch: the Request-URI tells requests apart (17.2.3)",
   "0     a>b OPTIONS/x 1:OPTIONS - f - -> 1 - .\n"
   "10    a>b OPTIONS/y 1:OPTIONS - f - -> 2 - .\n"
   "500   a>b OPTIONS/y 1:OPTIONS - f - -> 2 - R\n",
   "unanswered - 0 - - -"},
  {"sent-by: case and default port do not matter (17.2.3)",
   "0     a>b OPTIONS 1:OPTIONS i@a.example.com f - -> 1 - .\n"
   "10    b>a 200     1:OPTIONS i@A.Example.COM:5060 f t -> 1 - .\n",
   "answered - 200 - - -"},
  {"wrong method in CSeq: the answer repeats it",
   "0     a>b INVITE 1:INVITE i f - -> 1 - .\n"
   "10    b>a 200    1:INVITE i f t -> 1 1 .\n"
   "20    a>b ACK    1:INVITE i2 f t -> 2 1 .\n"
   "30    a>b BYE    1:INVITE i3 f t -> 3 1 .\n"
   "40    b>a 200    1:INVITE i3 f t -> 3 1 .\n",
   "answered completed 200 - 10 20"},
  {"ACK with another hop's Via is an orphan (RFC 3665 3.8 F18)",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 487    1:INVITE i1 f t -> 1 - .\n"
   "110   a>b ACK    1:ACK    zz f t -> 2 - .\n",
   "cancelled cancelled 487 - - -"},
  {"ACK with the branch of another hop (RFC 3665 3.3 F8)",
   "0     a>p INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10    p>b INVITE 1:INVITE p1@p.example.com f - -> 2 - .\n"
   "20    b>p 407    1:INVITE p1@p.example.com f t -> 2 - .\n"
   "30    p>b ACK    1:ACK    i1 f t -> 3 - .\n"
   "40    p>a 407    1:INVITE i1 f t -> 1 - .\n"
   "50    a>p ACK    1:ACK    i1 f t -> 1 - .\n",
   "failed failed 407 - - -"},
  {"subscription: NOTIFY before the 2xx (RFC 6665 4.1.2.4)",
   "0     a>b SUBSCRIBE 1:SUBSCRIBE i1 f - -> 1 - .\n"
   "10    b>a NOTIFY    1:NOTIFY    n1 t f -> 2 1 .\n"
   "20    b>a 200       1:SUBSCRIBE i1 f t -> 1 1 .\n"
   "30    a>b 200       1:NOTIFY    n1 t f -> 2 1 .\n",
   "answered - 200 - - -"},
  {"registration: 401 tried again, then refused",
   "0     a>b REGISTER 1:REGISTER i1 f - -> 1 - .\n"
   "10    b>a 401      1:REGISTER i1 f t -> 1 - .\n"
   "20    a>b REGISTER 2:REGISTER i2 f - -> 2 - .\n"
   "30    b>a 403      2:REGISTER i2 f t -> 2 - .\n",
   "failed - 403 - - -"},
  {"the 2xx is lost, its ACK proves it",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 180    1:INVITE i1 f t -> 1 1 .\n"
   "310   a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "4310  a>b BYE    2:BYE    i3 f t -> 3 1 .\n",
   "answered completed 0 100 - 4000"},
  {"BYE with tags of no dialog ends the only one",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "110   a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "4110  a>b BYE    2:BYE    i3 q r -> 3 - .\n",
   "answered completed 200 - 100 4010"},
  {"one branch for ever, first without an answer: Timer F is long over",
   "0      a>b OPTIONS 1:OPTIONS s1 f - -> 1 - .\n"
   "60000  a>b OPTIONS 1:OPTIONS s1 f - -> 2 - .\n"
   "120000 a>b OPTIONS 1:OPTIONS s1 f - -> 3 - .\n"
   "120010 b>a 200     1:OPTIONS s1 f t -> 3 - .\n"
   "180000 a>b OPTIONS 1:OPTIONS s1 f - -> 4 - .\n"
   "180010 b>a 200     1:OPTIONS s1 f t -> 4 - .\n",
   "answered - 200 - - -"},
  {"one branch for ever: the ACKs are two as well",
   "0       a>b INVITE 1:INVITE c f - -> 1 - .\n"
   "10      b>a 200    1:INVITE c f t -> 1 1 .\n"
   "20      a>b ACK    1:ACK    c f t -> 2 1 .\n"
   "1000    a>b BYE    1:BYE    c f t -> 3 1 .\n"
   "1010    b>a 200    1:BYE    c f t -> 3 1 .\n"
   "3600000 a>b INVITE 1:INVITE c f - -> 4 - .\n"
   "3600010 b>a 200    1:INVITE c f u -> 4 2 .\n"
   "3600020 a>b ACK    1:ACK    c f u -> 5 2 .\n"
   "3601000 a>b BYE    1:BYE    c f u -> 6 2 .\n"
   "3601010 b>a 200    1:BYE    c f u -> 6 2 .\n",
   "answered completed 200 - 10 990"},
  {"a re-INVITE rings and is answered: these are not the call's times",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 183    1:INVITE i1 f t -> 1 1 .\n"
   "2000  a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "60000 a>b INVITE 2:INVITE i3 f t -> 3 1 .\n"
   "60050 b>a 180    2:INVITE i3 f t -> 3 1 .\n"
   "60100 b>a 200    2:INVITE i3 f t -> 3 1 .\n"
   "60110 a>b ACK    2:ACK    i4 f t -> 4 1 .\n"
   "70000 a>b BYE    3:BYE    i5 f t -> 5 1 .\n",
   "answered completed 0 100 - 68000"},
  {"a re-INVITE rings, the call did not",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "110   a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "60000 a>b INVITE 2:INVITE i3 f t -> 3 1 .\n"
   "60050 b>a 180    2:INVITE i3 f t -> 3 1 .\n"
   "60100 b>a 200    2:INVITE i3 f t -> 3 1 .\n",
   "answered in-call 200 - 100 -"},
  {"a BYE that matched nothing there either ends nothing (15.1.2)",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100  b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "110  a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "5000 m>b BYE    9:BYE    m1 q r -> 3 - .\n"
   "5010 b>m 481    9:BYE    m1 q r -> 3 - .\n",
   "answered in-call 200 - 100 -"},
  {"one direction only: the ACK proves the answer (13.2.2.4)",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "190  a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "9000 a>b BYE    2:BYE    i3 f t -> 3 1 .\n",
   "answered completed 0 - - 8810"},
  {"a callee's BYE proves the answer too (15), not when it came",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10   b>a 180    1:INVITE i1 f t -> 1 1 .\n"
   "9000 b>a BYE    1:BYE    i3 t f -> 2 1 .\n"
   "9010 a>b 200    1:BYE    i3 t f -> 2 1 .\n",
   "answered completed 0 10 - -"},
  {"the ACK of a refused re-INVITE is not that of the 2xx",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "5000 a>b INVITE 2:INVITE i2 f t -> 2 1 .\n"
   "5010 b>a 488    2:INVITE i2 f t -> 2 1 .\n"
   "5020 a>b ACK    2:ACK    i2 f t -> 2 1 .\n"
   "9000 b>a BYE    1:BYE    i3 t f -> 3 1 .\n",
   "answered completed 200 - 10 8990"},
  {"407 that was tried again with the same CSeq",
   "0  a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 407    1:INVITE i1 f t -> 1 - .\n"
   "20 a>b ACK    1:ACK    i1 f t -> 1 - .\n"
   "30 a>b INVITE 1:INVITE i2 f - -> 2 - .\n"
   "40 b>a 503    1:INVITE i2 f t -> 2 - .\n",
   "failed failed 503 - - -"},
  {"the same, without an answer so far",
   "0  a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 407    1:INVITE i1 f t -> 1 - .\n"
   "20 a>b ACK    1:ACK    i1 f t -> 1 - .\n"
   "30 a>b INVITE 1:INVITE i2 f - -> 2 - .\n",
   "unanswered calling 0 - - -"},
  {"a proxy followed the 3xx (16.7 4); the caller's hop is not in the capture",
   "0  p>b INVITE 1:INVITE i1@p.x f - -> 1 - .\n"
   "10 b>p 302    1:INVITE i1@p.x f t -> 1 - .\n"
   "20 p>b ACK    1:ACK    i1@p.x f t -> 1 - .\n"
   "30 p>c INVITE 1:INVITE i2@p.x f - -> 2 - .\n"
   "40 c>p 404    1:INVITE i2@p.x f u -> 2 - .\n",
   "failed failed 404 - - -"},
  {"forks: a 6xx goes before a 486 (16.7 6)",
   "0  p>b INVITE 1:INVITE i1@p.x f - -> 1 - .\n"
   "0  p>c INVITE 1:INVITE i2@p.x f - -> 2 - .\n"
   "10 b>p 486    1:INVITE i1@p.x f t -> 1 - .\n"
   "40 c>p 603    1:INVITE i2@p.x f u -> 2 - .\n",
   "failed failed 603 - - -"},
  {"forks: the lowest class goes first (16.7 6)",
   "0  p>b INVITE 1:INVITE i1@p.x f - -> 1 - .\n"
   "0  p>c INVITE 1:INVITE i2@p.x f - -> 2 - .\n"
   "10 b>p 500    1:INVITE i1@p.x f t -> 1 - .\n"
   "40 c>p 404    1:INVITE i2@p.x f u -> 2 - .\n",
   "failed failed 404 - - -"},
  {"forks: of equal failures the first one counts",
   "0  p>b INVITE 1:INVITE i1@p.x f - -> 1 - .\n"
   "0  p>c INVITE 1:INVITE i2@p.x f - -> 2 - .\n"
   "10 b>p 404    1:INVITE i1@p.x f t -> 1 - .\n"
   "40 c>p 403    1:INVITE i2@p.x f u -> 2 - .\n",
   "failed failed 404 - - -"},
  {"forks: of one class, busy goes before another failure",
   "0  p>b INVITE 1:INVITE i1@p.x f - -> 1 - .\n"
   "0  p>c INVITE 1:INVITE i2@p.x f - -> 2 - .\n"
   "10 b>p 404    1:INVITE i1@p.x f t -> 1 - .\n"
   "40 c>p 486    1:INVITE i2@p.x f u -> 2 - .\n",
   "busy busy 486 - - -"},
  {"forks: the same in the other order",
   "0  p>b INVITE 1:INVITE i1@p.x f - -> 1 - .\n"
   "0  p>c INVITE 1:INVITE i2@p.x f - -> 2 - .\n"
   "10 b>p 486    1:INVITE i1@p.x f t -> 1 - .\n"
   "40 c>p 404    1:INVITE i2@p.x f u -> 2 - .\n",
   "busy busy 486 - - -"},
  {"300 is no answer",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100   b>a 300    1:INVITE i1 f t -> 1 - .\n",
   "redirected redirected 300 - - -"},
  {"a CANCEL that got its 2xx, and 300",
   "0     a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "900   a>b CANCEL 1:CANCEL i1 f - -> 2 - .\n"
   "910   b>a 200    1:CANCEL i1 f t -> 2 - .\n"
   "920   b>a 300    1:INVITE i1 f t -> 1 - .\n",
   "cancelled cancelled 300 - - -"},
  {"a BYE of no dialog that got a 300 ended nothing",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100  b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "110  a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "5000 m>b BYE    9:BYE    m1 q r -> 3 - .\n"
   "5010 b>m 300    9:BYE    m1 q r -> 3 - .\n",
   "answered in-call 200 - 100 -"},
  {"a BYE that was not captured, and its 299",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100  b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "110  a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "5110 b>a 299    2:BYE    i3 f t -> 3 1 .\n",
   "answered completed 200 - 100 5010"},
  {"a BYE that was not captured, and its 300",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100  b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "110  a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "5110 b>a 300    2:BYE    i3 f t -> 3 1 .\n",
   "answered in-call 200 - 100 -"},
  {"start not captured: 299 to a BYE", "10    a>b 299    1:BYE i1 f t -> 1 1 .\n",
   "answered completed 0 - - -"},
  {"a B2BUA that keeps the Call-ID: the outer leg decides",
   "0  a>p INVITE 1:INVITE  i1     f - -> 1 - .\n"
   "5  p>b INVITE 77:INVITE b1@a.p f2 - -> 2 - .\n"
   "10 b>p 486    77:INVITE b1@a.p f2 t2 -> 2 - .\n"
   "11 p>b ACK    77:ACK    b1@a.p f2 t2 -> 2 - .\n"
   "12 p>a 480    1:INVITE  i1     f t -> 1 - .\n"
   "13 a>p ACK    1:ACK     i1     f t -> 1 - .\n",
   "failed failed 480 - - -"},
  {"start not captured: a refused re-INVITE, then a BYE",
   "0    a>b INVITE 12:INVITE i1 f t -> 1 - .\n"
   "100  b>a 488    12:INVITE i1 f t -> 1 1 .\n"
   "110  a>b ACK    12:ACK    i1 f t -> 1 1 .\n"
   "5000 a>b BYE    13:BYE    i2 f t -> 2 1 .\n"
   "5010 b>a 200    13:BYE    i2 f t -> 2 1 .\n",
   "answered completed 0 - - -"},
  {"start not captured: a refused re-INVITE: the call goes on (14.1)",
   "0    a>b INVITE 12:INVITE i1 f t -> 1 - .\n"
   "5    b>a 100    12:INVITE i1 f t -> 1 - .\n"
   "100  b>a 488    12:INVITE i1 f t -> 1 1 .\n"
   "600  b>a 488    12:INVITE i1 f t -> 1 1 R\n"
   "610  a>b ACK    12:ACK    i1 f t -> 1 1 .\n",
   "answered in-call 0 - - -"},
  {"start not captured: a challenged re-INVITE, which is refused then",
   "0    a>b INVITE 12:INVITE i1 f t -> 1 - .\n"
   "100  b>a 401    12:INVITE i1 f t -> 1 - .\n"
   "110  a>b ACK    12:ACK    i1 f t -> 1 - .\n"
   "120  a>b INVITE 13:INVITE i2 f t -> 2 - .\n"
   "130  b>a 491    13:INVITE i2 f t -> 2 1 .\n"
   "140  a>b ACK    13:ACK    i2 f t -> 2 1 .\n",
   "answered in-call 0 - - -"},
  {"a call may begin with a To tag: it rings, and is refused",
   "0    a>b INVITE 12:INVITE i1 f t -> 1 - .\n"
   "50   b>a 180    12:INVITE i1 f t -> 1 1 .\n"
   "100  b>a 486    12:INVITE i1 f t -> 1 1 .\n"
   "110  a>b ACK    12:ACK    i1 f t -> 1 1 .\n",
   "busy busy 486 50 - -"},
  {"a call may begin with a To tag: a challenge decides nothing",
   "0    a>b INVITE 1:INVITE i1 f t -> 1 - .\n"
   "50   b>a 407    1:INVITE i1 f t -> 1 - .\n"
   "60   a>b ACK    1:ACK    i1 f t -> 1 - .\n"
   "70   a>b INVITE 2:INVITE i2 f t -> 2 - .\n"
   "90   b>a 180    2:INVITE i2 f t -> 2 1 .\n"
   "900  b>a 486    2:INVITE i2 f t -> 2 1 .\n",
   "busy busy 486 20 - -"},
  {"start not captured: a re-INVITE's times are not the call's",
   "0    a>b INVITE 12:INVITE i1 f t -> 1 - .\n"
   "100  b>a 200    12:INVITE i1 f t -> 1 1 .\n"
   "110  a>b ACK    12:ACK    i2 f t -> 2 1 .\n"
   "5000 a>b BYE    13:BYE    i3 f t -> 3 1 .\n",
   "answered completed 200 - - -"},
  {"a call may begin with a To tag: it rings",
   "0    a>b INVITE 12:INVITE i1 f t -> 1 - .\n"
   "50   b>a 180    12:INVITE i1 f t -> 1 1 .\n"
   "100  b>a 200    12:INVITE i1 f t -> 1 1 .\n"
   "110  a>b ACK    12:ACK    i2 f t -> 2 1 .\n"
   "5000 a>b BYE    13:BYE    i3 f t -> 3 1 .\n",
   "answered completed 200 50 100 4900"},
  {"start not captured: REFER, BYE",
   "0    a>b REFER  11:REFER  i0 f t -> 1 1 .\n"
   "10   b>a 202    11:REFER  i0 f t -> 1 1 .\n"
   "50   b>a NOTIFY 1:NOTIFY  j0 t f -> 2 1 .\n"
   "60   a>b 200    1:NOTIFY  j0 t f -> 2 1 .\n"
   "5000 a>b BYE    12:BYE    i1 f t -> 3 1 .\n"
   "5010 b>a 200    12:BYE    i1 f t -> 3 1 .\n",
   "answered completed 0 - - -"},
  {"start not captured: INFO, a refused re-INVITE, BYE",
   "0    a>b INFO   11:INFO   i0 f t -> 1 1 .\n"
   "10   b>a 200    11:INFO   i0 f t -> 1 1 .\n"
   "50   a>b INVITE 12:INVITE i1 f t -> 2 1 .\n"
   "100  b>a 488    12:INVITE i1 f t -> 2 1 .\n"
   "110  a>b ACK    12:ACK    i1 f t -> 2 1 .\n"
   "5000 a>b BYE    13:BYE    i2 f t -> 3 1 .\n"
   "5010 b>a 200    13:BYE    i2 f t -> 3 1 .\n",
   "answered completed 0 - - -"},
  {"start not captured: ACK",
   "110  a>b ACK 1:ACK i2 f t -> 1 1 .\n"
   "5000 a>b BYE 2:BYE i3 f t -> 2 1 .\n"
   "5010 b>a 200 2:BYE i3 f t -> 2 1 .\n",
   "answered completed 0 - - 4890"},
  {"start not captured: ACK, and what shows that the call went on",
   "110  a>b ACK 1:ACK i2 f t -> 1 1 .\n"
   "5000 b>a INFO 2:INFO i3 t f -> 2 1 .\n",
   "answered in-call 0 - - -"},
  {"start not captured: ACK, then a refused re-INVITE",
   "110  a>b ACK 1:ACK i2 f t -> 1 1 .\n"
   "5000 a>b INVITE 2:INVITE i3 f t -> 2 1 .\n"
   "5010 b>a 488 2:INVITE i3 f t -> 2 1 .\n",
   "answered in-call 0 - - -"},
  {"an ACK alone may be that of a non-2xx: it proves nothing", "0 a>b ACK 1:ACK i1 f t -> 1 1 .\n",
   "- - 0 - - -"},
  {"one branch for all: the requests of two forks are none's copies (12.2.1.1)",
   "0 a>b INVITE 1:INVITE c f - -> 1 - .\n"
   "1 b>a 200    1:INVITE c f t -> 1 1 .\n"
   "2 b>a 200    1:INVITE c f u -> 1 2 .\n"
   "3 a>b ACK    1:ACK    c f t -> 2 1 .\n"
   "4 a>b ACK    1:ACK    c f u -> 3 2 .\n"
   "5 a>b BYE    2:BYE    c f u -> 4 2 .\n"
   "6 b>a 200    2:BYE    c f u -> 4 2 .\n"
   "7 a>b BYE    2:BYE    c f t -> 5 1 .\n"
   "8 b>a 200    2:BYE    c f t -> 5 1 .\n",
   "answered completed 200 - 1 6"},
  {"a re-INVITE's CANCEL is in the dialog (9.1: To as in the request)",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "11   a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "500  a>b INVITE 2:INVITE i3 f t -> 3 1 .\n"
   "501  b>a 180    2:INVITE i3 f t -> 3 1 .\n"
   "502  a>b CANCEL 2:CANCEL i3 f t -> 4 1 .\n"
   "503  b>a 200    2:CANCEL i3 f t -> 4 1 .\n"
   "504  b>a 487    2:INVITE i3 f t -> 3 1 .\n"
   "505  a>b ACK    2:ACK    i3 f t -> 3 1 .\n"
   "1505 b>a BYE    1:BYE    j1 t f -> 5 1 .\n",
   "answered completed 200 - 10 1495"},
  {"failover to the next server keeps the CSeq (RFC 3263 4.3)",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "1 b>a 503    1:INVITE i1 f t -> 1 - .\n"
   "2 a>b ACK    1:ACK    i1 f t -> 1 - .\n"
   "3 a>c INVITE 1:INVITE i2 f - -> 2 - .\n",
   "unanswered calling 0 - - -"},
  {"BYE and ACK cross: from the 2xx",
   "0  a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "15 b>a BYE    1:BYE    j1 t f -> 2 1 .\n"
   "20 a>b ACK    1:ACK    i2 f t -> 3 1 .\n"
   "25 a>b 200    1:BYE    j1 t f -> 2 1 .\n",
   "answered completed 200 - 10 5"},
  {"the ACK of a re-INVITE's 2xx is not the call's",
   "0    a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10   b>a 200    1:INVITE i1 f t -> 1 1 .\n"
   "5000 a>b INVITE 2:INVITE i3 f t -> 2 1 .\n"
   "5010 b>a 200    2:INVITE i3 f t -> 2 1 .\n"
   "5020 a>b ACK    2:ACK    i4 f t -> 3 1 .\n"
   "9010 a>b BYE    3:BYE    i5 f t -> 4 1 .\n",
   "answered completed 200 - 10 9000"},
  {"NOTIFY before the SUBSCRIBE itself: that began it",
   "0  b>a NOTIFY    1:NOTIFY    n1 t f -> 1 1 .\n"
   "10 a>b SUBSCRIBE 1:SUBSCRIBE s1 f - -> 2 - .\n"
   "20 b>a 200       1:SUBSCRIBE s1 f t -> 2 1 .\n",
   "answered - 200 - - -"},
  {"one branch and CSeq for all: dialled again after the ACK",
   "0    a>b INVITE 1:INVITE c f - -> 1 - .\n"
   "5    b>a 486    1:INVITE c f t -> 1 - .\n"
   "7    a>b ACK    1:ACK    c f t -> 1 - .\n"
   "5000 a>b INVITE 1:INVITE c f - -> 2 - .\n"
   "5015 b>a 180    1:INVITE c f u -> 2 1 .\n"
   "5020 b>a 200    1:INVITE c f u -> 2 1 .\n"
   "5025 a>b ACK    1:ACK    c f u -> 3 1 .\n",
   "answered in-call 200 5015 5020 -"},
  {"one branch and CSeq for all: 401 tried again with other octets",
   "0  a>b INVITE             1:INVITE c f - -> 1 - .\n"
   "5  b>a 401                1:INVITE c f t -> 1 - .\n"
   "7  a>b ACK                1:ACK    c f t -> 1 - .\n"
   "10 a>b INVITE/bobwithmore 1:INVITE c f - -> 2 - .\n"
   "15 b>a 180                1:INVITE c f u -> 2 1 .\n"
   "20 b>a 486                1:INVITE c f u -> 2 1 .\n"
   "25 a>b ACK                1:ACK    c f u -> 2 1 .\n",
   "busy busy 486 15 - -"},
  {"one branch and CSeq for all: pings further apart than T2",
   "0     a>b OPTIONS 1:OPTIONS c f - -> 1 - .\n"
   "5     b>a 200     1:OPTIONS c f t -> 1 - .\n"
   "30000 a>b OPTIONS 1:OPTIONS c f - -> 2 - .\n"
   "30005 b>a 200     1:OPTIONS c f t -> 2 - .\n",
   "answered - 200 - - -"},
  {"a response needs no more than branch and method (17.1.3)",
   "0    a>b OPTIONS 1:OPTIONS i1 f - -> 1 - .\n"
   "10   b>a 200     1:OPTIONS i1@other.x f t -> 1 - .\n",
   "answered - 200 - - -"},
  {"NAT: a response goes to the request with its sent-by, else to the newest",
   "0    a>b OPTIONS 1:OPTIONS i1@inside.x f - -> 1 - .\n"
   "0    b>c OPTIONS 1:OPTIONS i1@outside.x f - -> 2 - .\n"
   "10   c>b 200     1:OPTIONS i1@outside.x f t -> 2 - .\n"
   "10   b>a 200     1:OPTIONS i1@inside.x f t -> 1 - .\n"
   "20   b>a 200     1:OPTIONS i1@neither.x f t -> 2 - .\n",
   "answered - 200 - - -"},
  {"one branch, another From tag: another client (17.2.3)",
   "0    a>b INVITE 1:INVITE c f - -> 1 - .\n"
   "10   b>a 200    1:INVITE c f t -> 1 1 .\n"
   "11   a>b ACK    1:ACK    i2 f t -> 2 1 .\n"
   "500  b>a INVITE 1:INVITE c t f -> 3 1 .\n"
   "510  a>b 200    1:INVITE c t f -> 3 1 .\n"
   "520  b>a ACK    1:ACK    i3 t f -> 4 1 .\n"
   "530  b>a 200    1:INVITE c f t -> 1 1 R\n",
   "answered in-call 200 - 10 -"},
  {"eight requests of one key are told apart, no more",
   "0 a>b OPTIONS 1:OPTIONS c@a1 f - -> 1 - .\n"
   "1 a>b OPTIONS 1:OPTIONS c@a2 f - -> 2 - .\n"
   "2 a>b OPTIONS 1:OPTIONS c@a3 f - -> 3 - .\n"
   "3 a>b OPTIONS 1:OPTIONS c@a4 f - -> 4 - .\n"
   "4 a>b OPTIONS 1:OPTIONS c@a5 f - -> 5 - .\n"
   "5 a>b OPTIONS 1:OPTIONS c@a6 f - -> 6 - .\n"
   "6 a>b OPTIONS 1:OPTIONS c@a7 f - -> 7 - .\n"
   "7 a>b OPTIONS 1:OPTIONS c@a8 f - -> 8 - .\n"
   "60 a>b OPTIONS 1:OPTIONS c@a1 f - -> 1 - R\n"
   "61 b>a 200     1:OPTIONS c@a1 f t -> 1 - .\n"
   "62 a>b OPTIONS 1:OPTIONS c@a9 f - -> 9 - .\n"
   "63 b>a 200     1:OPTIONS c@a1 f t -> 9 - .\n"
   "64 a>b OPTIONS 1:OPTIONS c@a1 f - -> 10 - .\n",
   "unanswered - 0 - - -"},
  {"run again with the same identifiers, after the BYE",
   "0    a>b INVITE 1:INVITE c f - -> 1 - .\n"
   "100  b>a 200    1:INVITE c f t -> 1 1 .\n"
   "110  a>b ACK    1:ACK    d f t -> 2 1 .\n"
   "2000 a>b BYE    2:BYE    e f t -> 3 1 .\n"
   "2010 b>a 200    2:BYE    e f t -> 3 1 .\n"
   "2200 a>b BYE    2:BYE    e f t -> 3 1 R\n"
   "5000 a>b INVITE 1:INVITE c f - -> 4 - .\n"
   "5100 b>a 200    1:INVITE c f t -> 4 2 .\n"
   "5110 a>b ACK    1:ACK    d f t -> 5 2 .\n"
   "5610 a>b ACK    1:ACK    d f t -> 5 2 R\n"
   "8000 a>b BYE    2:BYE    e f t -> 6 2 .\n"
   "8010 b>a 200    2:BYE    e f t -> 6 2 .\n"
   "8500 a>b BYE    2:BYE    e f t -> 6 2 R\n",
   "answered completed 200 - 100 2900"},
  {"one Call-ID for three calls, one after the other",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "500 b>a 200 1:INVITE i1 f t -> 1 1 .\n"
   "510 a>b ACK 1:ACK i2 f t -> 2 1 .\n"
   "5500 a>b BYE 2:BYE i3 f t -> 3 1 .\n"
   "5510 b>a 200 2:BYE i3 f t -> 3 1 .\n"
   "9000 a>b INVITE 1:INVITE i4 g - -> 4 - .\n"
   "9100 b>a 486 1:INVITE i4 g u -> 4 - .\n"
   "9110 a>b ACK 1:ACK i4 g u -> 4 - .\n"
   "9200 a>b INVITE 1:INVITE i5 h - -> 5 - .\n"
   "9300 b>a 404 1:INVITE i5 h v -> 5 - .\n",
   "answered completed 200 - 500 5000 | busy busy 486 - - - | failed failed 404 - - -"},
  {"one Call-ID: the ACK ends an attempt, its BYE comes when the next call is over",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "500 b>a 200 1:INVITE i1 f t -> 1 1 .\n"
   "510 a>b ACK 1:ACK i2 f t -> 2 1 .\n"
   "9000 a>b INVITE 1:INVITE i4 g - -> 3 - .\n"
   "9100 b>a 486 1:INVITE i4 g u -> 3 - .\n"
   "9110 a>b ACK 1:ACK i4 g u -> 3 - .\n"
   "9500 a>b BYE 2:BYE i3 f t -> 4 1 .\n"
   "9510 b>a 200 2:BYE i3 f t -> 4 1 .\n",
   "answered completed 200 - 500 9000 | busy busy 486 - - -"},
  {"overlap: what another From tag got is another leg",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>c INVITE 1:INVITE b1 g - -> 2 - .\n"
   "20 c>b 180 1:INVITE b1 g u -> 2 1 .\n"
   "100 c>b 200 1:INVITE b1 g u -> 2 1 .\n"
   "110 b>c ACK 1:ACK b2 g u -> 3 1 .\n"
   "120 b>a 500 1:INVITE i1 f t -> 1 - .\n"
   "130 a>b ACK 1:ACK i1 f t -> 1 - .\n"
   "140 b>c BYE 2:BYE b3 g u -> 4 1 .\n",
   "failed failed 500 - - -"},
  {"overlap: the caller heard nothing",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>c INVITE 1:INVITE b1 g - -> 2 - .\n"
   "100 c>b 200 1:INVITE b1 g u -> 2 1 .\n"
   "110 b>c ACK 1:ACK b2 g u -> 3 1 .\n",
   "unanswered calling 0 - - -"},
  {"407: the same host tries again with another From tag",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 407 1:INVITE i1 f t -> 1 - .\n"
   "20 a>b ACK 1:ACK i1 f t -> 1 - .\n"
   "30 a>b INVITE 2:INVITE i2 g - -> 2 - .\n"
   "90 b>a 180 2:INVITE i2 g u -> 2 1 .\n"
   "100 b>a 200 2:INVITE i2 g u -> 2 1 .\n",
   "answered in-call 200 90 100 -"},
  {"302: the same, without the ACK",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 302 1:INVITE i1 f t -> 1 - .\n"
   "30 a>c INVITE 2:INVITE i2 g - -> 2 - .\n"
   "100 c>a 486 2:INVITE i2 g u -> 2 - .\n",
   "busy busy 486 - - -"},
  {"407: another host's INVITE is another call",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 407 1:INVITE i1 f t -> 1 - .\n"
   "20 a>b ACK 1:ACK i1 f t -> 1 - .\n"
   "30 c>b INVITE 2:INVITE i2 g - -> 2 - .\n"
   "100 b>c 486 2:INVITE i2 g u -> 2 - .\n",
   "failed failed 407 - - - | busy busy 486 - - -"},
  {"407: tried again 32000 ms after the ACK",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 407 1:INVITE i1 f t -> 1 - .\n"
   "20 a>b ACK 1:ACK i1 f t -> 1 - .\n"
   "32020 a>b INVITE 1:INVITE i2 g - -> 2 - .\n"
   "32030 b>a 486 1:INVITE i2 g u -> 2 - .\n",
   "busy busy 486 - - -"},
  {"407: tried again 32001 ms after the ACK",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 407 1:INVITE i1 f t -> 1 - .\n"
   "20 a>b ACK 1:ACK i1 f t -> 1 - .\n"
   "32021 a>b INVITE 1:INVITE i2 g - -> 2 - .\n"
   "32031 b>a 486 1:INVITE i2 g u -> 2 - .\n",
   "failed failed 407 - - - | busy busy 486 - - -"},
  {"no ACK: over 32000 ms after the final response",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 500 1:INVITE i1 f t -> 1 - .\n"
   "32010 a>b INVITE 1:INVITE i2 g - -> 2 - .\n"
   "32020 b>a 486 1:INVITE i2 g u -> 2 - .\n",
   "failed failed 500 - - -"},
  {"no ACK: over 32001 ms after the final response",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 500 1:INVITE i1 f t -> 1 - .\n"
   "32011 a>b INVITE 1:INVITE i2 g - -> 2 - .\n"
   "32021 b>a 486 1:INVITE i2 g u -> 2 - .\n",
   "failed failed 500 - - - | busy busy 486 - - -"},
  {"no final response: over 180000 ms after the last message",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 100 1:INVITE i1 f - -> 1 - .\n"
   "180010 a>b INVITE 1:INVITE i2 g - -> 2 - .\n",
   "unanswered calling 0 - - -"},
  {"no final response: over 180001 ms after the last message",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 100 1:INVITE i1 f - -> 1 - .\n"
   "180011 a>b INVITE 1:INVITE i2 g - -> 2 - .\n",
   "unanswered unanswered 0 - - - | unanswered calling 0 - - -"},
  {"From tags of legs are known: they begin nothing",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "1 b>c INVITE 1:INVITE b1 g - -> 2 - .\n"
   "2 c>b 486 1:INVITE b1 g u -> 2 - .\n"
   "3 b>c ACK 1:ACK b1 g u -> 2 - .\n"
   "4 b>d INVITE 1:INVITE b2 h - -> 3 - .\n"
   "5 d>b 486 1:INVITE b2 h v -> 3 - .\n"
   "6 b>d ACK 1:ACK b2 h v -> 3 - .\n"
   "7 b>a 503 1:INVITE i1 f t -> 1 - .\n"
   "8 a>b ACK 1:ACK i1 f t -> 1 - .\n"
   "20 b>c INVITE 2:INVITE b3 g - -> 4 - .\n"
   "21 b>d INVITE 2:INVITE b4 h - -> 5 - .\n"
   "22 a>b INVITE 2:INVITE i2 f - -> 6 - .\n",
   "unanswered calling 0 - - -"},
  {"REGISTER, then INVITE; each goes on in its own call",
   "0 a>b REGISTER 1:REGISTER r1 f - -> 1 - .\n"
   "5 b>a 200 1:REGISTER r1 f t -> 1 - .\n"
   "10 a>b INVITE 2:INVITE i1 f - -> 2 - .\n"
   "20 b>a 486 2:INVITE i1 f u -> 2 - .\n"
   "30 a>b ACK 2:ACK i1 f u -> 2 - .\n"
   "40 a>b REGISTER 3:REGISTER r2 f - -> 3 - .\n"
   "50 b>a 403 3:REGISTER r2 f t -> 3 - .\n"
   "60 a>b OPTIONS 4:OPTIONS o1 f - -> 4 - .\n"
   "70 b>a 200 4:OPTIONS o1 f t -> 4 - .\n",
   "failed - 403 - - - | busy busy 486 - - -"},
  {"SUBSCRIBE, INVITE, and a NOTIFY before the 2xx",
   "0 a>b SUBSCRIBE 1:SUBSCRIBE s1 f - -> 1 - .\n"
   "10 a>b INVITE 2:INVITE i1 g - -> 2 - .\n"
   "20 b>a NOTIFY 1:NOTIFY n1 t f -> 3 1 .\n"
   "30 a>b 200 1:NOTIFY n1 t f -> 3 1 .\n"
   "40 b>a 200 1:SUBSCRIBE s1 f t -> 1 1 .\n"
   "50 a>b CANCEL 2:CANCEL i1 g - -> 4 - .\n"
   "60 b>a 200 2:CANCEL i1 g u -> 4 - .\n",
   "answered - 200 - - - | cancelled cancelled 0 - - -"},
  {"the INVITE comes late, after its 180",
   "0 b>a 180 1:INVITE i1 f t -> 1 1 .\n"
   "5 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "90 b>a 200 1:INVITE i1 f t -> 1 1 .\n",
   "answered in-call 200 - 85 -"},
  {"start not captured: another call after the BYE",
   "0 a>b BYE 2:BYE i3 f t -> 1 1 .\n"
   "10 b>a 200 2:BYE i3 f t -> 1 1 .\n"
   "50 a>b INVITE 1:INVITE i4 g - -> 2 - .\n"
   "60 b>a 486 1:INVITE i4 g u -> 2 - .\n",
   "answered completed 0 - - - | busy busy 486 - - -"},
  {"start not captured: a BYE that the other side does not know",
   "0 a>b BYE 2:BYE i3 f t -> 1 1 .\n"
   "10 b>a 481 2:BYE i3 f t -> 1 1 .\n",
   "unanswered calling 0 - - -"},
  {"start not captured: 200 to a BYE", "0 b>a 200 2:BYE i3 f t -> 1 1 .\n",
   "answered completed 0 - - -"},
  {"start not captured: PRACK, then the 2xx",
   "0 a>b PRACK 2:PRACK i2 f t -> 1 1 .\n"
   "10 b>a 200 2:PRACK i2 f t -> 1 1 .\n"
   "500 b>a 200 1:INVITE i1 f t -> 2 1 .\n"
   "510 a>b ACK 1:ACK i3 f t -> 3 1 .\n"
   "1500 b>a BYE 1:BYE j1 t f -> 4 1 .\n",
   "answered completed 200 - - 1000"},
  {"start not captured: UPDATE, then the 2xx",
   "0 a>b UPDATE 2:UPDATE i2 f t -> 1 1 .\n"
   "10 b>a 200 2:UPDATE i2 f t -> 1 1 .\n"
   "500 b>a 200 1:INVITE i1 f t -> 2 1 .\n"
   "510 a>b ACK 1:ACK i3 f t -> 3 1 .\n"
   "1500 b>a BYE 1:BYE j1 t f -> 4 1 .\n",
   "answered completed 200 - - 1000"},
  {"start not captured: UPDATE in a call, then a re-INVITE's 2xx",
   "0 a>b UPDATE 2:UPDATE i2 f t -> 1 1 .\n"
   "10 b>a 200 2:UPDATE i2 f t -> 1 1 .\n"
   "100 a>b INVITE 3:INVITE i4 f t -> 2 1 .\n"
   "500 b>a 200 3:INVITE i4 f t -> 2 1 .\n"
   "1500 b>a BYE 1:BYE j1 t f -> 3 1 .\n",
   "answered completed 200 - - -"},
  {"start not captured: a CANCEL that was answered",
   "0 a>b CANCEL 1:CANCEL i1 f - -> 1 - .\n"
   "10 b>a 200 1:CANCEL i1 f t -> 1 - .\n",
   "cancelled cancelled 0 - - -"},
  {"CANCEL: its 2xx is enough",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100 b>a 180 1:INVITE i1 f t -> 1 1 .\n"
   "900 a>b CANCEL 1:CANCEL i1 f - -> 2 - .\n"
   "910 b>a 200 1:CANCEL i1 f t -> 2 1 .\n",
   "cancelled cancelled 0 100 - -"},
  {"CANCEL: 299 is a 2xx",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100 b>a 180 1:INVITE i1 f t -> 1 1 .\n"
   "900 a>b CANCEL 1:CANCEL i1 f - -> 2 - .\n"
   "910 b>a 299 1:CANCEL i1 f t -> 2 1 .\n",
   "cancelled cancelled 0 100 - -"},
  {"CANCEL: refused",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100 b>a 180 1:INVITE i1 f t -> 1 1 .\n"
   "900 a>b CANCEL 1:CANCEL i1 f - -> 2 - .\n"
   "910 b>a 300 1:CANCEL i1 f t -> 2 1 .\n"
   "920 b>a 486 1:INVITE i1 f t -> 1 1 .\n",
   "busy busy 486 100 - -"},
  {"CANCEL: another failure follows",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100 b>a 180 1:INVITE i1 f t -> 1 1 .\n"
   "900 a>b CANCEL 1:CANCEL i1 f - -> 2 - .\n"
   "910 b>a 200 1:CANCEL i1 f t -> 2 1 .\n"
   "920 b>a 503 1:INVITE i1 f t -> 1 1 .\n",
   "cancelled cancelled 503 100 - -"},
  {"CANCEL: the 2xx was on its way",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100 b>a 180 1:INVITE i1 f t -> 1 1 .\n"
   "900 a>b CANCEL 1:CANCEL i1 f - -> 2 - .\n"
   "910 b>a 200 1:CANCEL i1 f t -> 2 1 .\n"
   "920 b>a 200 1:INVITE i1 f t -> 1 1 .\n",
   "answered in-call 200 100 920 -"},
  {"CANCEL on another hop than the caller's",
   "0 a>p INVITE 1:INVITE i1 f - -> 1 - .\n"
   "1 p>b INVITE 1:INVITE p1@p.x f - -> 2 - .\n"
   "2 p>b CANCEL 1:CANCEL p1@p.x f - -> 3 - .\n"
   "3 b>p 200 1:CANCEL p1@p.x f t -> 3 - .\n"
   "4 b>p 487 1:INVITE p1@p.x f t -> 2 - .\n"
   "5 p>a 480 1:INVITE i1 f u -> 1 - .\n",
   "failed failed 480 - - -"},
  {"times are those of the caller's hop; the callee hangs up",
   "0 a>p INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100 p>b INVITE 1:INVITE p1@p.x f - -> 2 - .\n"
   "200 b>p 180 1:INVITE p1@p.x f t -> 2 1 .\n"
   "300 p>a 180 1:INVITE i1 f t -> 1 1 .\n"
   "1000 b>p 200 1:INVITE p1@p.x f t -> 2 1 .\n"
   "1100 p>a 200 1:INVITE i1 f t -> 1 1 .\n"
   "1200 a>p ACK 1:ACK i2 f t -> 3 1 .\n"
   "5000 b>p BYE 1:BYE j1 t f -> 4 1 .\n"
   "5200 p>a BYE 1:BYE j2@p.x t f -> 5 1 .\n",
   "answered completed 200 300 1100 4100"},
  {"times are those of the caller's hop; the caller hangs up",
   "0 a>p INVITE 1:INVITE i1 f - -> 1 - .\n"
   "100 p>b INVITE 1:INVITE p1@p.x f - -> 2 - .\n"
   "1000 b>p 200 1:INVITE p1@p.x f t -> 2 1 .\n"
   "1100 p>a 200 1:INVITE i1 f t -> 1 1 .\n"
   "5000 a>p BYE 2:BYE j1 f t -> 3 1 .\n"
   "5200 p>b BYE 2:BYE j2@p.x f t -> 4 1 .\n",
   "answered completed 200 - 1100 3900"},
  {"the hops come in the wrong order",
   "10 p>b INVITE 1:INVITE p1@p.x f - -> 1 - .\n"
   "0 a>p INVITE 1:INVITE i1 f - -> 2 - .\n"
   "1100 p>a 200 1:INVITE i1 f t -> 2 1 .\n"
   "1000 b>p 200 1:INVITE p1@p.x f t -> 1 1 .\n"
   "5000 p>b BYE 2:BYE j2@p.x f t -> 3 1 .\n"
   "4900 a>p BYE 2:BYE j1 f t -> 4 1 .\n",
   "answered completed 200 - 1100 3800"},
  {"a B2BUA that keeps From tag and Vias as they are: the first hop is the caller's",
   "0 a>p INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 p>b INVITE 1:INVITE q1 f - -> 2 - .\n"
   "20 b>p 180 1:INVITE q1 f t -> 2 1 .\n"
   "30 b>p 486 1:INVITE q1 f t -> 2 1 .\n"
   "40 p>a 480 1:INVITE i1 f u -> 1 - .\n",
   "failed failed 480 - - -"},
  {"the caller's hop is silent: the others tell",
   "0 a>p INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 p>b INVITE 1:INVITE p1@p.x f - -> 2 - .\n"
   "20 b>p 180 1:INVITE p1@p.x f t -> 2 1 .\n"
   "30 b>p 486 1:INVITE p1@p.x f t -> 2 1 .\n",
   "busy busy 486 10 - -"},
  {"199 ends an early dialog (RFC 6228), the 2xx of another fork counts",
   "0 a>b INVITE 1:INVITE i1 f - -> 1 - .\n"
   "10 b>a 180 1:INVITE i1 f t -> 1 1 .\n"
   "20 b>a 199 1:INVITE i1 f t -> 1 1 .\n"
   "30 b>a 200 1:INVITE i1 f u -> 1 2 .\n",
   "answered in-call 200 10 30 -"},
  {"two taps, the second late: copies, no next try",
   "0  a>b INVITE 1:INVITE c f - -> 1 - .\n"
   "5  b>a 486    1:INVITE c f t -> 1 - .\n"
   "7  a>b ACK    1:ACK    c f t -> 1 - .\n"
   "40 a>b INVITE 1:INVITE c f - -> 1 - D\n"
   "45 b>a 486    1:INVITE c f t -> 1 - D\n"
   "47 a>b ACK    1:ACK    c f t -> 1 - D\n",
   "busy busy 486 - - -"},
};

static void test_flows(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(FLOWS); i++)
    flow_check(&FLOWS[i]);
}

/* RFC 3261 9.1: 64*T1 after a CANCEL nobody waits for the final response any more. */
static void test_silence_after_cancel(void **state)
{
  static const char *const STEPS[] = {
    "0   a>b INVITE 1:INVITE i1 f - -> 1 - .",
    "100 b>a 180    1:INVITE i1 f t -> 1 1 .",
    "900 a>b CANCEL 1:CANCEL i1 f - -> 2 - .",
  };
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++) {
    Step s = step_parse(STEPS[i]);
    step_play(trace, &s, "call");
  }
  g_autofree char *at_once = summary_text(trace);
  assert_string_equal(at_once, "unanswered ringing 0 100 - -");
  trace_note_time(trace, INT64_C(40000000000), INT64_C(40000000000));
  g_autofree char *later = summary_text(trace);
  assert_string_equal(later, "unanswered unanswered 0 100 - -");
}

/* The same packet has the same IP identification, and comes at once or, behind a router, with
 * another TTL whatever that tap's clock says.  Without an identification little time tells. */
static void test_ip_tells_duplicates(void **state)
{
  static const struct {
    int ms;
    Ip ip;
    char mark;
  } COPIES[] = {
    {0, {7, 64}, '.'},     {20, {8, 64}, 'R'},    {419, {8, 64}, 'D'},   {420, {8, 64}, 'R'},
    {900, {7, 63}, 'D'},   {9999, {7, 63}, 'D'},  {10000, {7, 63}, 'R'}, /* of the first one */
    {0, {7, 64}, '.'},     {49, {0, 64}, 'D'},    {50, {0, 64}, 'R'},    {50, {9, 64}, 'D'},
    {0, {0, 64}, '.'},     {500, {0, 64}, 'R'},   {499, {0, 63}, 'D'},   {10499, {0, 63}, 'D'},
    {10500, {0, 63}, 'R'}, {10000, {0, 62}, 'D'}, {0, {0, 0}, '.'},      {50, {0, 0}, 'R'},
    {99, {0, 0}, 'D'},
  };
  g_autoptr(Trace) trace = NULL;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(COPIES); i++) {
    Step s = step_parse("0 a>b INVITE 1:INVITE i f - -> 1 - .");
    s.ms = COPIES[i].ms;
    s.mark = COPIES[i].mark;
    if (s.ms == 0) {
      trace_free(trace);
      trace = trace_new(&LIMITS_DEFAULT);
    }
    step_check("ip", &s, step_play_ip(trace, &s, "call", COPIES[i].ip));
  }
}

/* A copy is found though others were sent since, but not behind more than 64 messages. */
static void test_duplicates_are_looked_for(void **state)
{
  (void) state;
  for (unsigned others = 62; others <= 64; others++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    Step s = step_parse("0 a>b INVITE 1:INVITE i f - -> 1 - .");
    step_play_ip(trace, &s, "call", (Ip){7, 64});
    for (unsigned i = 0; i < others; i++)
      step_play_ip(trace, &s, "call", (Ip){(uint16_t) (100 + i), 64});
    const Message *copy = step_play_ip(trace, &s, "call", (Ip){7, 63});
    assert_int_equal(mark_of(copy), others < 64 ? 'D' : 'R');
  }
}

/* Of evicted calls and of those that are there. */
static uint64_t count_outcome(const Trace *trace, Outcome outcome)
{
  uint64_t count = trace_counts(trace)->outcomes[outcome];

  for (uint32_t number = 1; number <= trace_call_count(trace); number++) {
    const Call *call = trace_call(trace, number);

    if (call && call->method == SIP_METHOD_INVITE)
      count += call_summarize(call, trace_now(trace)).outcome == outcome;
  }
  return count;
}

static void test_call_ids(void **state)
{
  static const char *const IDS[] = {"call-1", "call-2", "Call-1", "call-1", NULL, "call-2", NULL};
  static const unsigned CALLS[] = {1, 2, 3, 1, 4, 2, 4};
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(IDS); i++) {
    Step s = step_parse("0 a>b OPTIONS 1:OPTIONS i f - -> 1 - .");
    s.ms = (int) i * 1000;
    assert_int_equal(step_play(trace, &s, IDS[i])->transaction->call->number, CALLS[i]);
  }
  const TraceStats stats = *trace_counts(trace);
  assert_int_equal(stats.call_ids, 3);
  assert_int_equal(stats.messages, 7);
  assert_int_equal(stats.retransmissions, 3);
}

/* Without a Call-ID, those between the same hosts belong together. */
static void test_without_call_id(void **state)
{
  static const struct {
    const char *step;
    unsigned call;
  } STEPS[] = {
    {"0    a>b 200 1:OPTIONS - - - -> 1 - .", 1},     {"1000 a>c 200 1:OPTIONS - - - -> 1 - .", 2},
    {"2000 b>a OPTIONS 1:OPTIONS - - - -> 1 - .", 1}, {"3000 d>c 200 1:OPTIONS - - - -> 1 - .", 3},
    {"4000 a>b 200 2:OPTIONS - - - -> 1 - .", 4},
  };
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++) {
    Step s = step_parse(STEPS[i].step);
    assert_int_equal(step_play(trace, &s, NULL)->transaction->call->number, STEPS[i].call);
  }
  assert_int_equal(trace_counts(trace)->call_ids, 0);
}

static void play_text(Trace *trace, const char *start, const char *from, const char *to)
{
  g_autofree char *text =
    g_strdup_printf("%s\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK%c\r\nFrom: <sip:%s@example.com>;tag=%s"
                    "\r\nTo: <sip:%s@example.com>;tag=%s\r\nCall-ID: c\r\nCSeq: 1 %s\r\n\r\n",
                    start, start[0], from, from, to, to, start[0] == 'A' ? "ACK" : "INVITE");
  g_autofree char *octets = exact_copy(text, strlen(text));
  Arrival arrival = {
    .raw = {.octets = slice_of(octets, strlen(text)), .src = host('a'), .dst = host('b')}};

  assert_true(arrival_parse(&arrival, 42));
  trace_note_time(trace, 0, 0);
  trace_add(trace, &arrival);
}

/* The caller stays the caller when the callee's re-INVITE is the first INVITE that is seen. */
static void test_parties(void **state)
{
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);

  (void) state;
  play_text(trace, "SIP/2.0 200 OK", "alice", "bob");
  play_text(trace, "ACK sip:bob@example.com SIP/2.0", "alice", "bob");
  play_text(trace, "INVITE sip:alice@example.com SIP/2.0", "bob", "alice");
  const Call *call = trace_call_at(trace, 0);
  assert_int_equal(call->method, SIP_METHOD_INVITE);
  assert_slice(call_text_kept(call, CALL_TEXT_FROM), "sip:alice@example.com");
  assert_slice(call_text_kept(call, CALL_TEXT_TO), "sip:bob@example.com");
}

/* What is said of a message, so that it need not be read again. */
static void test_says(void **state)
{
  enum {
    LOOKED_FOR = MESSAGE_SAYS_SCANNER | MESSAGE_SAYS_ELSEWHERE,
    BYE_TOO = LOOKED_FOR | MESSAGE_SAYS_FAULT,
  };
  static const struct {
    const char *text; /* start-line, and header fields */
    unsigned says;
  } CASES[] = {
    {"INVITE sip:bob@example.com SIP/2.0", 0},
    {"SIP/2.0 486 Busy Here", 0},
    {"SIP/2.0 486", 0},
    {"SIP/2.0 486 busy here", MESSAGE_SAYS_PHRASE},
    {"SIP/2.0 499 ", 0},
    {"SIP/2.0 499 Gone", MESSAGE_SAYS_PHRASE},
    {"INVITE sip:bob@example.com SIP/2.0\r\nReason: SIP;cause=200", MESSAGE_SAYS_WHY},
    {"BYE sip:bob@example.com SIP/2.0\r\nReason: Q.850;cause=16", MESSAGE_SAYS_WHY},
    {"BYE sip:bob@example.com SIP/2.0\r\nReason: Q.850;cause=34",
     MESSAGE_SAYS_WHY | MESSAGE_SAYS_FAULT},
    {"BYE sip:bob@example.com SIP/2.0\r\nContent-Encoding: gzip\r\n\r\nx",
     MESSAGE_SAYS_WHY | MESSAGE_SAYS_UNTYPED | MESSAGE_SAYS_FAULT},
    {"SIP/2.0 500 Server Internal Error\r\nretry-after: 5", MESSAGE_SAYS_WHY},
    {"SIP/2.0 500 Server Internal Error\r\nWarning: 399 a b", MESSAGE_SAYS_WHY},
    {"SIP/2.0 200 OK\r\nx: 90\r\nRecord-Route: <sip:p>", MESSAGE_SAYS_EXPIRES | MESSAGE_SAYS_ROUTE},
    {"SIP/2.0 183 Session Progress\r\nRSeq: 1", MESSAGE_SAYS_RSEQ},
    {"INVITE sip:bob@example.com SIP/2.0\r\ny: <sip:x>", MESSAGE_SAYS_IDENTITY},
    {"OPTIONS sip:bob@example.com SIP/2.0\r\nUser-Agent: \"SIPVicious\"", MESSAGE_SAYS_SCANNER},
    {"OPTIONS sip:bob@example.com SIP/2.0\r\nUser-Agent: sipclient/1.0", 0},
    {"SIP/2.0 200 OK\r\nUser-Agent: sipcli", 0},
    {"ACK sip:b@c.d SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.96:5060;branch=a", MESSAGE_SAYS_ELSEWHERE},
    {"ACK sip:b@c.d SIP/2.0\r\nv: SIP/2.0/UDP [2001:db8::1];branch=a", MESSAGE_SAYS_ELSEWHERE},
    {"ACK sip:b@c.d SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.97:9;branch=a", 0},
    {"SIP/2.0 200 OK\r\nv: SIP/2.0/UDP 192.0.2.96:5060;branch=a", 0},
    {"ACK sip:b@c.d SIP/2.0\r\nm: <sip:a@10.0.0.1>", MESSAGE_SAYS_ELSEWHERE},
    {"ACK sip:b@c.d SIP/2.0\r\nm: <sip:a@[fd00::1]:9>", MESSAGE_SAYS_ELSEWHERE},
    {"ACK sip:b@c.d SIP/2.0\r\nm: <sip:a@198.51.100.1>", 0},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const char first = CASES[i].text[0];
    const unsigned unknown = first == 'S' ? 0 : first == 'B' ? BYE_TOO : LOOKED_FOR;
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT), diagnosed = trace_new(&LIMITS_DEFAULT);
    play_text(trace, CASES[i].text, "alice", "bob");
    assert_int_equal(trace_call_at(trace, 0)->first->says, CASES[i].says | unknown);
    trace_follow_media(diagnosed, NULL);
    play_text(diagnosed, CASES[i].text, "alice", "bob");
    assert_int_equal(trace_call_at(diagnosed, 0)->first->says, CASES[i].says);
  }
}

/* Cut before anything that correlates: each is for itself, and none a copy of another. */
static void test_cut_short(void **state)
{
  static const char TEXT[] = "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP";
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);

  (void) state;
  for (unsigned i = 1; i <= 3; i++) {
    g_autofree char *octets = exact_copy(TEXT, strlen(TEXT));
    Arrival arrival = {.raw = {.octets = slice_of(octets, strlen(TEXT)),
                               .cut = true,
                               .src = host('a'),
                               .dst = host('b'),
                               .frame = i,
                               .time_ns = i * INT64_C(1000000000)}};
    assert_true(arrival_parse(&arrival, 42));
    trace_note_time(trace, arrival.raw.time_ns, arrival.raw.time_ns);
    const Message *message = trace_add(trace, &arrival);
    assert_int_equal(message->transaction->call->number, i);
    assert_int_equal(mark_of(message), '.');
  }
}

static void test_stats(void **state)
{
  static const char *const STEPS[] = {
    "0    a>b INVITE 1:INVITE i1 f - -> 1 - .", "100  b>a 486    1:INVITE i1 f t -> 1 - .",
    "110  a>b ACK    1:ACK    i1 f t -> 1 - .", "900  a>b PING   2:PING   i2 f - -> 1 - .",
    "1900 a>b PING   2:PING   i2 f - -> 1 - .",
  };
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  uint16_t ping = 0;

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STEPS); i++) {
    Step s = step_parse(STEPS[i]);
    ping = step_play(trace, &s, "call")->method;
  }
  const TraceStats stats = *trace_counts(trace);
  assert_slice(trace_method_name(trace, ping), "PING");
  assert_int_equal(trace_method_requests(trace, ping), 2);
  assert_int_equal(trace_method_transactions(trace, ping), 1);
  assert_int_equal(trace_method_requests(trace, SIP_METHOD_ACK), 1);
  assert_int_equal(trace_method_transactions(trace, SIP_METHOD_ACK), 0);
  assert_int_equal(stats.requests, 4);
  assert_int_equal(stats.responses, 1);
  assert_int_equal(stats.statuses[486], 1);
  assert_int_equal(stats.invite_calls, 1);
  assert_int_equal(count_outcome(trace, OUTCOME_BUSY), 1);
  assert_int_equal(stats.first_ns, START_NS);
  assert_int_equal(stats.last_ns, START_NS + INT64_C(1900000000));
}

/* At the limit the oldest finished call goes, with all that the tables know of it; counts stay. */
static void test_eviction(void **state)
{
  Limits limits = LIMITS_DEFAULT;
  limits.calls = 3;
  g_autoptr(Trace) trace = trace_new(&limits);

  (void) state;
  for (int i = 0; i < 10; i++) {
    g_autofree char *id = g_strdup_printf("call-%d", i);
    Step invite = step_parse("0 a>b INVITE 1:INVITE i1 f - -> 1 - .");
    Step busy = step_parse("0 b>a 486 1:INVITE i1 f t -> 1 - .");
    invite.ms = i * 60000;
    busy.ms = invite.ms + 1;
    step_play(trace, &invite, id);
    if (i != 0)
      step_play(trace, &busy, id);
  }
  const TraceStats stats = *trace_counts(trace);
  assert_int_equal(stats.evicted_calls, 7);
  assert_int_equal(stats.call_ids, 10);
  assert_int_equal(count_outcome(trace, OUTCOME_BUSY), 9);
  assert_int_equal(count_outcome(trace, OUTCOME_UNANSWERED), 1);
  assert_null(trace_call_at(trace, 4));
  assert_non_null(trace_call_at(trace, 9));
  assert_int_equal(trace_call_at(trace, 9)->messages, 2);
}

/* A message of call `n` at a time, "INVITE", "BYE" or a status of its INVITE. */
static void play_one(Trace *trace, int n, int64_t ms, const char *what)
{
  bool is_status = g_ascii_isdigit(what[0]), is_bye = what[0] == 'B';
  g_autofree char *id = g_strdup_printf("call-%d", n);
  g_autofree char *text =
    g_strdup_printf("0 %s %s %s i%d f %s -> 1 - .", is_status ? "b>a" : "a>b", what,
                    is_bye ? "2:BYE" : "1:INVITE", n % 1000, is_status || is_bye ? "t" : "-");
  Step step = step_parse(text);

  step.ms = (int) ms;
  step_play(trace, &step, id);
}

static bool is_kept(const Trace *trace, int n)
{
  return trace_call_at(trace, (size_t) n) != NULL;
}

/* Of finished calls the oldest goes first, also one that went on after it was found unfinished, and
 * before any that is not finished; of those the oldest goes only when there is no other. */
static void test_eviction_order(void **state)
{
  Limits limits = LIMITS_DEFAULT;
  limits.calls = 4;
  g_autoptr(Trace) trace = trace_new(&limits);

  (void) state;
  play_one(trace, 0, 0, "INVITE");
  play_one(trace, 0, 10, "200"); /* in call */
  play_one(trace, 1, 1000, "INVITE");
  play_one(trace, 1, 1010, "486"); /* finished */
  play_one(trace, 2, 2000, "INVITE");
  play_one(trace, 2, 2010, "180"); /* ringing */
  play_one(trace, 3, 3000, "INVITE");
  play_one(trace, 3, 3010, "404"); /* finished */
  play_one(trace, 4, 60000, "INVITE");
  assert_true(is_kept(trace, 0) && !is_kept(trace, 1) && is_kept(trace, 3));
  play_one(trace, 0, 61000, "BYE"); /* finished 32 s later */
  play_one(trace, 5, 62000, "INVITE");
  assert_true(is_kept(trace, 0) && is_kept(trace, 2) && !is_kept(trace, 3));
  play_one(trace, 6, 62010, "INVITE"); /* no call is finished */
  assert_true(!is_kept(trace, 0) && is_kept(trace, 2) && is_kept(trace, 4));
  play_one(trace, 2, 62020, "200");
  play_one(trace, 2, 62030, "BYE");
  play_one(trace, 4, 62040, "486");
  play_one(trace, 7, 140000, "INVITE");
  assert_true(!is_kept(trace, 2) && is_kept(trace, 4));
  play_one(trace, 8, 140010, "INVITE");
  assert_true(!is_kept(trace, 4) && is_kept(trace, 5));
  assert_int_equal(trace_counts(trace)->evicted_calls, 5);
}

/* Pinned calls stay while there are others, and go as all calls do once they are not pinned. */
static void test_pinned(void **state)
{
  const uint32_t first_two[] = {1, 2, 1000}, all[] = {1, 6, 7};
  Limits limits = LIMITS_DEFAULT;
  limits.calls = 3;
  g_autoptr(Trace) trace = trace_new(&limits);

  (void) state;
  for (int i = 0; i < 3; i++) {
    play_one(trace, i, i * 1000, "INVITE");
    play_one(trace, i, i * 1000 + 10, i == 1 ? "180" : "486");
  }
  trace_set_pinned(trace, first_two, G_N_ELEMENTS(first_two));
  for (int i = 3; i < 6; i++) {
    play_one(trace, i, i * 100000, "INVITE");
    play_one(trace, i, i * 100000 + 10, "486");
    assert_true(is_kept(trace, 0) && is_kept(trace, 1) && is_kept(trace, i));
  }
  trace_set_pinned(trace, all, 2); /* the second is none of them any more */
  play_one(trace, 6, 600000, "INVITE");
  assert_true(is_kept(trace, 0) && !is_kept(trace, 1) && is_kept(trace, 5) && is_kept(trace, 6));
  trace_set_pinned(trace, all, 3);
  play_one(trace, 7, 600010, "INVITE"); /* all that there are are pinned: the first goes */
  assert_true(!is_kept(trace, 0) && is_kept(trace, 5) && is_kept(trace, 6) && is_kept(trace, 7));
  trace_set_pinned(trace, NULL, 0);
  play_one(trace, 8, 600020, "INVITE");
  assert_true(!is_kept(trace, 5) && is_kept(trace, 6));
}

/* Calls that are chosen at once are those that would go one after the other, each once, and are
 * there until they are evicted. */
static void test_choice_of_many(void **state)
{
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
  static const uint32_t EXPECTED[] = {2, 4, 1, 3, 5}; /* the finished ones, then the others */
  Call *const *calls;

  (void) state;
  for (int n = 0; n < 5; n++)
    play_one(trace, n, n * 10, "INVITE");
  play_one(trace, 1, 60, "486");
  play_one(trace, 3, 70, "486");
  play_one(trace, 5, 60000, "INVITE");
  for (int n = 0; n < 5; n += 2)
    play_one(trace, n, 60010, "180"); /* rings */
  assert_int_equal(trace_choose(trace, 5, &calls), 5);
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(calls[i]->number, EXPECTED[i]);
    assert_ptr_equal(trace_call(trace, EXPECTED[i]), calls[i]);
  }
  trace_evict_chosen(trace);
  assert_int_equal(trace_kept_calls(trace), 1);
  assert_int_equal(trace_choose(trace, 5, &calls), 1);
  trace_evict_chosen(trace);
  assert_int_equal(trace_choose(trace, 5, &calls), 0);
  assert_int_equal(trace_counts(trace)->evicted_calls, 6);
}

static const Message *play_step(Trace *trace, int ms, const char *text)
{
  Step step = step_parse(text);

  step.ms = ms;
  return step_play(trace, &step, "one");
}

/* Calls of one Call-ID are found after one of them was evicted: the newest, one in the middle, the
 * oldest. */
static void test_eviction_in_one_call_id(void **state)
{
  Limits limits = LIMITS_DEFAULT;
  limits.calls = 4;
  g_autoptr(Trace) trace = trace_new(&limits);

  (void) state;
  for (int i = 0; i < 4; i++) { /* 0 and 2 are answered and go on; 1 and 3 are refused */
    static const char *const STEPS[4][3] = {
      {"0 a>b INVITE 1:INVITE i0 f0 - -> 1 - .", "0 b>a 200 1:INVITE i0 f0 t0 -> 1 1 .",
       "0 a>b ACK 1:ACK k0 f0 t0 -> 1 1 ."},
      {"0 a>b INVITE 1:INVITE i1 f1 - -> 1 - .", "0 b>a 486 1:INVITE i1 f1 t1 -> 1 - .",
       "0 a>b ACK 1:ACK i1 f1 t1 -> 1 - ."},
      {"0 a>b INVITE 1:INVITE i2 f2 - -> 1 - .", "0 b>a 200 1:INVITE i2 f2 t2 -> 1 1 .",
       "0 a>b ACK 1:ACK k2 f2 t2 -> 1 1 ."},
      {"0 a>b INVITE 1:INVITE i3 f3 - -> 1 - .", "0 b>a 486 1:INVITE i3 f3 t3 -> 1 - .",
       "0 a>b ACK 1:ACK i3 f3 t3 -> 1 - ."},
    };
    for (int j = 0; j < 3; j++)
      play_step(trace, i * 1000 + j * 10, STEPS[i][j]);
  }
  assert_int_equal(trace_counts(trace)->call_ids, 1);
  play_one(trace, 0, 60000, "INVITE"); /* evicts 1: in the middle */
  play_one(trace, 1, 60010, "INVITE"); /* evicts 3: the newest */
  assert_true(is_kept(trace, 0) && !is_kept(trace, 1) && is_kept(trace, 2) && !is_kept(trace, 3));
  const Message *bye = play_step(trace, 60020, "0 a>b BYE 2:BYE e2 f2 t2 -> 1 1 .");
  assert_int_equal(bye->transaction->call->number, 3);
  bye = play_step(trace, 60030, "0 a>b BYE 2:BYE e0 f0 t0 -> 1 1 .");
  assert_int_equal(bye->transaction->call->number, 1);
  play_one(trace, 2, 120000, "INVITE"); /* evicts 0: the oldest */
  assert_true(!is_kept(trace, 0) && is_kept(trace, 2));
  play_one(trace, 3, 120010, "INVITE"); /* evicts 2: none is left */
  assert_false(is_kept(trace, 2));
  const Message *again = play_step(trace, 120020, "0 a>b INVITE 9:INVITE i9 f9 - -> 1 - .");
  assert_int_equal(again->transaction->call->number, 9);
  assert_int_equal(trace_counts(trace)->call_ids, 6);
}

/* Calls that never end cost nothing once they were asked. */
static void test_eviction_with_open_calls(void **state)
{
  enum { OPEN = 200, CALLS = 20000 };
  Limits limits = LIMITS_DEFAULT;
  limits.calls = 1000;
  g_autoptr(Trace) trace = trace_new(&limits);

  (void) state;
  for (int n = 0; n < CALLS; n++) {
    play_one(trace, n, n * 100, "INVITE");
    play_one(trace, n, n * 100 + 10, n < OPEN ? "200" : "486");
  }
  for (int n = 0; n < CALLS; n++)
    assert_int_equal(is_kept(trace, n), n < OPEN || n >= CALLS - 1000 + OPEN);
}

/* RFC 3261 12.1, 12.3, RFC 6228: which responses begin a dialog, and what they make of it. */
static void test_dialog_states(void **state)
{
  enum { NONE = -1 };
  static const struct {
    const char *before; /* another response with the same tags */
    const char *status;
    int state; /* of the dialog, or NONE */
  } STATES[] = {
    {NULL, "100", NONE},
    {NULL, "101", DIALOG_EARLY},
    {NULL, "200", DIALOG_CONFIRMED},
    {NULL, "299", DIALOG_CONFIRMED},
    {NULL, "300", NONE},
    {"180", "183", DIALOG_EARLY},
    {"180", "198", DIALOG_EARLY},
    {"180", "199", DIALOG_TERMINATED},
    {"180", "200", DIALOG_CONFIRMED},
    {"180", "299", DIALOG_CONFIRMED},
    {"180", "300", DIALOG_TERMINATED},
    {"200", "199", DIALOG_CONFIRMED},
    {"200", "486", DIALOG_CONFIRMED},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(STATES); i++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    Step s = step_parse("0 a>b INVITE 1:INVITE i f - -> 1 - .");
    step_play(trace, &s, "call");
    s = step_parse("10 b>a 180 1:INVITE i f t -> 1 1 .");
    if (STATES[i].before) {
      g_strlcpy(s.start, STATES[i].before, sizeof s.start);
      step_play(trace, &s, "call");
    }
    g_strlcpy(s.start, STATES[i].status, sizeof s.start);
    const Dialog *d = step_play(trace, &s, "call")->dialog;
    if ((d ? (int) d->state : NONE) != STATES[i].state)
      fail_msg("%s after %s", STATES[i].status, STATES[i].before ? STATES[i].before : "nothing");
  }
}

/* RFC 3261 17.2.3: hosts are compared without case, if they are not longer than any can be. */
static void test_long_hosts(void **state)
{
  enum { HOST_MAX = 256 };

  (void) state;
  for (size_t len = HOST_MAX - 1; len <= HOST_MAX + 1; len++) {
    uint32_t sent_by[2];
    for (size_t i = 0; i < 2; i++) {
      g_autofree char *name = g_strnfill(len - 2, i == 0 ? 'm' : 'M');
      g_autofree char *text = g_strdup_printf(
        "OPTIONS sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP %s%s%s;branch=z9hG4bKi\r\n"
        "From: <sip:a@x>;tag=f\r\nTo: <sip:b@x>\r\nCall-ID: i\r\nCSeq: 1 OPTIONS\r\n\r\n",
        i == 0 ? "a" : "A", name, i == 0 ? "z" : "Z");
      Slice octets = exact_slice(slice_from_string(text));
      Arrival arrival = {.raw = {.octets = octets, .transport = TRANSPORT_UDP}};
      assert_true(arrival_parse(&arrival, 42));
      sent_by[i] = arrival.sent_by;
      g_free((char *) (uintptr_t) octets.data);
    }
    assert_int_equal(sent_by[0] == sent_by[1], len <= HOST_MAX);
  }
}

/* Of the transactions that may decide, 1024 are kept. */
static void test_deciders_are_bounded(void **state)
{
  enum { DECIDERS_MAX = 1024 };
  g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);

  (void) state;
  for (unsigned n = 1; n <= DECIDERS_MAX + 2; n++) {
    Step s = step_parse("0 a>b OPTIONS 1:OPTIONS i f - -> 1 - .");
    g_snprintf(s.cseq, sizeof s.cseq, "%u:OPTIONS", n);
    step_play(trace, &s, "call");
    assert_int_equal(trace_call_at(trace, 0)->decider_count, MIN(n, DECIDERS_MAX));
  }
}

/* Of the dialogs that have had no BYE, 1024 are asked how long they last and since when. */
static void test_open_dialogs_are_bounded(void **state)
{
  enum { DIALOGS_MAX = 1024, MS = 1000000 };

  (void) state;
  for (unsigned count = DIALOGS_MAX; count <= DIALOGS_MAX + 1; count++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    Step s = step_parse("0 a>b INVITE 1:INVITE i f - -> 1 - .");
    step_play(trace, &s, "call");
    s = step_parse("2000 b>a 200 1:INVITE i f t -> 1 1 .");
    for (unsigned n = 1; n <= count; n++) {
      s.ms = n < count ? 2000 : 1000; /* the last one is up longest */
      g_snprintf(s.to_tag, sizeof s.to_tag, "t%u", n);
      step_play(trace, &s, "call");
    }
    CallSummary sum = call_summarize(trace_call_at(trace, 0), trace_now(trace));
    bool is_asked = count == DIALOGS_MAX;
    assert_int_equal(sum.up_since_ns, START_NS + (is_asked ? 1000 * MS : 2000 * MS));
    s = step_parse("5000 m>b BYE 9:BYE m1 q r -> 3 - .");
    step_play(trace, &s, "call");
    sum = call_summarize(trace_call_at(trace, 0), trace_now(trace));
    assert_int_equal(sum.duration_ns, (is_asked ? INT64_C(4000) : INT64_C(3000)) * MS);
  }
}

/* A BYE that is seen nearer to the caller afterwards says how long the call was; with more than
 * 1024 dialogs the first one does. */
static void test_corrections_are_bounded(void **state)
{
  enum { DIALOGS_MAX = 1024, MS = 1000000 };

  (void) state;
  for (unsigned count = DIALOGS_MAX; count <= DIALOGS_MAX + 1; count++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    Step s = step_parse("0 a>b INVITE 1:INVITE i f - -> 1 - .");
    step_play(trace, &s, "call");
    s = step_parse("2000 b>a 200 1:INVITE i f t -> 1 1 .");
    for (unsigned n = 1; n <= count; n++) {
      g_snprintf(s.to_tag, sizeof s.to_tag, "t%u", n);
      step_play(trace, &s, "call");
    }
    s = step_parse("7000 p>b BYE 2:BYE far@p f t1 -> 2 1 .");
    step_play(trace, &s, "call");
    s = step_parse("6000 a>p BYE 2:BYE near f t1 -> 3 1 .");
    step_play(trace, &s, "call");
    CallSummary sum = call_summarize(trace_call_at(trace, 0), trace_now(trace));
    bool is_corrected = count == DIALOGS_MAX;
    assert_int_equal(sum.duration_ns, (is_corrected ? INT64_C(4000) : INT64_C(5000)) * MS);
  }
}

static unsigned call_number(const Message *message)
{
  return message->transaction->call->number;
}

/* With a number behind the From tag, and behind a branch that begins with "n". */
static const Message *play_numbered(Trace *trace, int ms, const char *text, unsigned n)
{
  Step s = step_parse(text);
  char branch[WORD], tag[WORD];

  s.ms = ms;
  g_snprintf(branch, sizeof branch, "%s%u", s.branch, n);
  g_snprintf(tag, sizeof tag, "%s%u", s.from_tag, n);
  g_strlcpy(s.from_tag, tag, sizeof s.from_tag);
  if (s.branch[0] == 'n')
    g_strlcpy(s.branch, branch, sizeof s.branch);
  return step_play(trace, &s, "one");
}

/* A request of an older call is found by its key and From tag, among the 8 newest of that key. */
static void test_transactions_of_one_key(void **state)
{
  enum { KEY_WALK_MAX = 8, OPTIONS_MS = 1000, AGAIN_MS = 60000 };
  static const char OPTIONS[] = "0 a>b OPTIONS 5:OPTIONS i g - -> 1 - .";

  (void) state;
  for (unsigned count = KEY_WALK_MAX; count <= KEY_WALK_MAX + 1; count++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    play_numbered(trace, 0, "0 a>b INVITE 1:INVITE n f - -> 1 - .", 0);
    play_numbered(trace, 10, "0 b>a 486 1:INVITE n f t -> 1 - .", 0);
    for (unsigned n = 1; n <= count; n++)
      play_numbered(trace, OPTIONS_MS + (int) n, OPTIONS, n);
    const Message *again =
      play_numbered(trace, AGAIN_MS, "0 a>b INVITE 1:INVITE n f - -> 1 - .", 1);
    assert_int_equal(call_number(again), 2);
    const Message *late = play_numbered(trace, AGAIN_MS + 10, OPTIONS, 1);
    assert_int_equal(call_number(late), count == KEY_WALK_MAX ? 1 : 2);
  }
}

/* The newest of 32 calls of one Call-ID that began with the method; or else the newest of all. */
static void test_calls_of_one_method(void **state)
{
  enum { CALL_WALK_MAX = 32 };

  (void) state;
  for (unsigned count = CALL_WALK_MAX; count <= CALL_WALK_MAX + 1; count++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    play_numbered(trace, 0, "0 a>b OPTIONS 1:OPTIONS n f - -> 1 - .", 0);
    for (unsigned n = 2; n <= count; n++) {
      int ms = (int) n * 60000;
      const Message *m = play_numbered(trace, ms, "0 a>b INVITE 1:INVITE n f - -> 1 - .", n);
      assert_int_equal(call_number(m), n);
      play_numbered(trace, ms + 10, "0 b>a 486 1:INVITE n f t -> 1 - .", n);
    }
    const Message *late =
      play_numbered(trace, 6000000, "0 a>b OPTIONS 2:OPTIONS n f - -> 1 - .", 0);
    assert_int_equal(call_number(late), count == CALL_WALK_MAX ? 1 : count);
  }
}

/* A call is asked whether it is finished when it was quiet for 32 seconds. */
static void test_eviction_when_quiet(void **state)
{
  (void) state;
  for (int ms = 32999; ms <= 33000; ms++) {
    Limits limits = LIMITS_DEFAULT;
    limits.calls = 2;
    g_autoptr(Trace) trace = trace_new(&limits);
    play_one(trace, 0, 0, "INVITE");
    play_one(trace, 0, 0, "200");    /* in call */
    play_one(trace, 1, 1000, "486"); /* finished */
    play_one(trace, 2, ms, "INVITE");
    assert_int_equal(is_kept(trace, 0), ms == 33000);
    assert_int_equal(is_kept(trace, 1), ms < 33000);
  }
}

/* So that no message waits long, 4096 calls are asked for it; then the oldest one goes. */
static void test_eviction_looks(void **state)
{
  enum { LOOKS_MAX = 4096 };

  (void) state;
  for (int open = LOOKS_MAX - 1; open <= LOOKS_MAX; open++) {
    Limits limits = LIMITS_DEFAULT;
    limits.calls = (uint32_t) open + 1;
    g_autoptr(Trace) trace = trace_new(&limits);
    for (int n = 0; n < open; n++)
      play_one(trace, n, 0, "200");
    play_one(trace, open, 0, "486"); /* finished */
    play_one(trace, open + 1, 60000, "INVITE");
    assert_int_equal(is_kept(trace, open), open == LOOKS_MAX);
    assert_int_equal(is_kept(trace, 0), open < LOOKS_MAX);
  }
}

/* The same for those that wait to be asked again: here behind some that ring. */
static void test_eviction_looks_again(void **state)
{
  enum { LOOKS_MAX = 4096, GONE = 2 };

  (void) state;
  for (int ringing = LOOKS_MAX - 1; ringing <= LOOKS_MAX; ringing++) {
    int last = ringing + GONE;
    Limits limits = LIMITS_DEFAULT;
    limits.calls = (uint32_t) last + 1;
    g_autoptr(Trace) trace = trace_new(&limits);
    for (int n = 0; n < last; n++) {
      play_one(trace, n, 0, "INVITE");
      play_one(trace, n, 0, "180");
    }
    play_one(trace, last, 0, "INVITE");
    play_one(trace, last, 59000, "486");
    for (int n = 1; n <= GONE; n++) /* all are asked; none is finished, or was quiet */
      play_one(trace, last + n, 60000, "200");
    assert_true(!is_kept(trace, GONE - 1) && is_kept(trace, GONE) && is_kept(trace, last));
    play_one(trace, last + GONE + 1, 100000, "200");
    assert_int_equal(is_kept(trace, last), ringing == LOOKS_MAX);
    assert_int_equal(is_kept(trace, GONE), ringing < LOOKS_MAX);
  }
}

static void test_unknown_methods_are_bounded(void **state)
{
  Limits limits = LIMITS_DEFAULT;
  limits.methods = 2;
  g_autoptr(Trace) trace = trace_new(&limits);
  static const char *const NAMES[] = {"ALPHA", "BRAVO", "CHARLIE", "ALPHA"};
  static const uint16_t IDS[] = {SIP_METHOD_COUNT, SIP_METHOD_COUNT + 1, SIP_METHOD_OTHER,
                                 SIP_METHOD_COUNT};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
    Step s = step_parse("0 a>b X 1:X i f - -> 1 - .");
    g_strlcpy(s.start, NAMES[i], sizeof s.start);
    assert_int_equal(step_play(trace, &s, "call")->method, IDS[i]);
  }
}

/* Of a long Call-ID the beginning is kept, but all of it counts. */
static void test_long_call_ids(void **state)
{
  Step s = step_parse("0 a>b OPTIONS 1:OPTIONS i f - -> 1 - .");

  (void) state;
  for (size_t len = CALL_TEXT_MAX - 1; len <= CALL_TEXT_MAX + 2; len++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    g_autoptr(StoreSet) stores = store_set_new();
    g_autofree char *one = g_strnfill(len, 'i'), *other = g_strdup(one), *more = NULL;
    Arena scratch;
    other[len - 1] = 'j';
    more = g_strconcat(one, "i", NULL);
    const Message *first = step_play(trace, &s, one), *second = step_play(trace, &s, other);
    const Call *call = first->transaction->call;
    assert_ptr_not_equal(call, second->transaction->call);
    assert_ptr_equal(call, step_play(trace, &s, one)->transaction->call);
    assert_int_equal(call_text_kept(call, CALL_TEXT_ID).len, MIN(len, (size_t) CALL_TEXT_MAX));
    assert_true(call_has_id(trace, call, slice_from_string(one)));
    assert_false(call_has_id(trace, call, slice_from_string(other)));
    assert_false(call_has_id(trace, call, slice_from_string(more)));
    assert_false(call_has_id(trace, call, call_text_kept(call, CALL_TEXT_ID)) &&
                 len > CALL_TEXT_MAX);

    bool is_cut = len > CALL_TEXT_MAX;
    assert_ptr_equal(call_text_message(call, CALL_TEXT_ID), is_cut ? first : NULL);
    assert_null(call_text_message(call, CALL_TEXT_FROM));
    arena_init(&scratch, 1024);
    Slice shown = call_text(call, CALL_TEXT_ID, stores, &scratch); /* nothing can be read */
    assert_int_equal(shown.len, is_cut ? CALL_TEXT_MAX + 3 : len);
    assert_int_equal(shown.data[shown.len - 1], is_cut ? '.' : 'i');
    arena_clear(&scratch);
  }
}

/* It is cut between characters. */
static void test_long_call_ids_in_utf8(void **state)
{
  Step s = step_parse("0 a>b OPTIONS 1:OPTIONS i f - -> 1 - .");

  (void) state;
  for (unsigned before = 0; before < 4; before++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    g_autoptr(GString) id = g_string_new(NULL);
    for (unsigned i = 0; i < before; i++)
      g_string_append_c(id, 'i');
    while (id->len < 2 * CALL_TEXT_MAX)
      g_string_append(id, "\xf0\x9f\x93\x9e");
    const Call *call = step_play(trace, &s, id->str)->transaction->call;
    assert_true(g_utf8_validate(call_text_kept(call, CALL_TEXT_ID).data,
                                (gssize) call_text_kept(call, CALL_TEXT_ID).len, NULL));
    assert_in_range(call_text_kept(call, CALL_TEXT_ID).len, CALL_TEXT_MAX - 3, CALL_TEXT_MAX);
  }
}

/* A method of up to 64 bytes has a name of its own. */
static void test_long_methods(void **state)
{
  enum { METHOD_LEN_MAX = 64 };

  (void) state;
  for (size_t more = 0; more < 2; more++) {
    g_autoptr(Trace) trace = trace_new(&LIMITS_DEFAULT);
    trace_note_time(trace, 0, 0);
    g_autofree char *method = g_strnfill(METHOD_LEN_MAX + more, 'M');
    g_autofree char *text =
      g_strdup_printf("%s sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
                      "From: <sip:a@h>;tag=f\r\nTo: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 %s\r\n\r\n",
                      method, method);
    Arrival arrival = {.raw = {.transport = TRANSPORT_UDP, .octets = slice_from_string(text)}};
    assert_true(arrival_parse(&arrival, 1));
    assert_int_equal(trace_add(trace, &arrival)->method,
                     more ? SIP_METHOD_OTHER : SIP_METHOD_COUNT);
  }
}

static void test_endpoints_are_bounded(void **state)
{
  Limits limits = LIMITS_DEFAULT;
  limits.endpoints = 2;
  g_autoptr(Trace) trace = trace_new(&limits);
  Step s = step_parse("0 a>b OPTIONS 1:OPTIONS i f - -> 1 - .");
  Step t = step_parse("0 a>c OPTIONS 1:OPTIONS i f - -> 1 - .");

  (void) state;
  const Message *m = step_play(trace, &s, "call");
  assert_int_equal(trace_endpoint(trace, m->src)->address[3], 'a');
  assert_int_equal(trace_endpoint(trace, m->dst)->address[3], 'b');
  m = step_play(trace, &t, "call");
  assert_int_equal(trace_endpoint(trace, m->src)->address[3], 'a');
  assert_int_equal(trace_endpoint(trace, m->dst)->family, ADDRESS_NONE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_flows),
    cmocka_unit_test(test_silence_after_cancel),
    cmocka_unit_test(test_ip_tells_duplicates),
    cmocka_unit_test(test_duplicates_are_looked_for),
    cmocka_unit_test(test_call_ids),
    cmocka_unit_test(test_without_call_id),
    cmocka_unit_test(test_parties),
    cmocka_unit_test(test_says),
    cmocka_unit_test(test_cut_short),
    cmocka_unit_test(test_stats),
    cmocka_unit_test(test_eviction),
    cmocka_unit_test(test_eviction_order),
    cmocka_unit_test(test_pinned),
    cmocka_unit_test(test_choice_of_many),
    cmocka_unit_test(test_eviction_in_one_call_id),
    cmocka_unit_test(test_eviction_with_open_calls),
    cmocka_unit_test(test_dialog_states),
    cmocka_unit_test(test_long_hosts),
    cmocka_unit_test(test_deciders_are_bounded),
    cmocka_unit_test(test_open_dialogs_are_bounded),
    cmocka_unit_test(test_corrections_are_bounded),
    cmocka_unit_test(test_transactions_of_one_key),
    cmocka_unit_test(test_calls_of_one_method),
    cmocka_unit_test(test_eviction_when_quiet),
    cmocka_unit_test(test_eviction_looks),
    cmocka_unit_test(test_eviction_looks_again),
    cmocka_unit_test(test_unknown_methods_are_bounded),
    cmocka_unit_test(test_long_methods),
    cmocka_unit_test(test_endpoints_are_bounded),
    cmocka_unit_test(test_long_call_ids),
    cmocka_unit_test(test_long_call_ids_in_utf8),
  };

  return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
