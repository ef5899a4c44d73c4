#include "ui/report/explain_legs.h"

#include "capture/language.h"

/* Legs whose proof is read again, and legs in a text. */
enum { PROVED_MAX = 16, SHOWN_MAX = 16 };

/* --- JSON --- */

static void put_number(Json *json, const char *key, int64_t number)
{
  json_key(json, key);
  json_value(json, value_number((uint64_t) number));
}

static void put_score(Json *json, double score)
{
  json_key(json, "score");
  json_value(json, value_decimal(score));
}

static void put_why(const Report *report, Json *json, const Leg *leg)
{
  json_key(json, "why");
  json_begin_array(json);
  for (unsigned i = LEG_EVIDENCE_COUNT; i-- > 1;)
    if (leg->evidence >> i & 1)
      json_value(json,
                 value_string(leg_evidence_text((LegEvidence) i, leg->header,
                                                conversations_headers(report->conversations))));
  json_end_array(json);
}

static void put_proofs(Report *report, const Leg *leg)
{
  Json *json = &report->json;
  g_autoptr(GArray) proofs = conversations_prove(report->conversations, leg, &report->scratch);

  json_key(json, "evidence");
  json_begin_array(json);
  for (guint i = 0; i < proofs->len; i++) {
    const LegProof *proof = &g_array_index(proofs, LegProof, i);

    json_begin_object(json);
    json_key(json, "why");
    json_value(json, value_string(leg_evidence_text(proof->evidence, proof->header,
                                                    conversations_headers(report->conversations))));
    json_key(json, "value");
    json_value(json, value_text(proof->value));
    put_score(json, LEG_EVIDENCES[proof->evidence].percent / 100.0);
    put_number(json, "calls", proof->calls);
    json_end_object(json);
  }
  json_end_array(json);
}

static void put_leg(Report *report, const Leg *leg, bool is_proved)
{
  Json *json = &report->json;
  LegService service = conversations_service_of(report->conversations, leg);

  json_begin_object(json);
  put_number(json, "call", leg->number);
  put_number(json, "of", leg->of);
  json_key(json, "service");
  json_value(json,
             service != LEG_SERVICE_COUNT ? value_string(leg_service_name(service)) : value_none());
  put_why(report, json, leg);
  put_score(json, leg->score);
  if (is_proved)
    put_proofs(report, leg);
  json_end_object(json);
}

static void put_services(Report *report, const Call *call)
{
  unsigned services = conversations_services(report->conversations, call->number);
  Json *json = &report->json;

  json_key(json, "services");
  json_begin_array(json);
  for (LegService i = 0; i < LEG_SERVICE_COUNT; i++)
    if (services >> i & 1)
      json_value(json, value_string(leg_service_name(i)));
  json_end_array(json);
}

void explain_put_legs_json(Report *report, const Call *call)
{
  Json *json = &report->json;

  conversations_update(report->conversations);
  g_autoptr(GArray) legs = conversations_links(report->conversations, call->number, NULL);
  g_autoptr(GArray) hints = conversations_hints(report->conversations, call->number);
  put_number(json, "conversation", conversations_of(report->conversations, call->number));
  put_services(report, call);
  json_key(json, "legs");
  json_begin_array(json);
  for (guint i = 0; i < legs->len; i++)
    put_leg(report, &g_array_index(legs, Leg, i), i < PROVED_MAX);
  json_end_array(json);
  json_key(json, "likely");
  json_begin_array(json);
  for (guint i = 0; i < hints->len; i++) {
    const Leg *hint = &g_array_index(hints, Leg, i);
    json_begin_object(json);
    put_number(json, "call", hint->number);
    put_why(report, json, hint);
    put_score(json, hint->score);
    json_end_object(json);
  }
  json_end_array(json);
}

/* --- text --- */

/* It is made safe here. */
static void put_line(Report *report, unsigned indent, const GString *line)
{
  g_string_append_printf(report->text, "%*s", (int) indent, "");
  report_append_wrapped(report, indent, slice_of(line->str, line->len));
  report_put_line(report);
}

static void put_leg_text(Report *report, const Leg *leg)
{
  g_autoptr(GString) line = g_string_new(NULL);
  g_autoptr(GArray) proofs = conversations_prove(report->conversations, leg, &report->scratch);

  g_string_append_printf(line, _("call %u is a "), leg->number);
  leg_append_story(report->conversations, leg, line);
  put_line(report, 2, line);
  for (guint i = 0; i < proofs->len; i++) {
    g_string_truncate(line, 0);
    leg_append_proof(&g_array_index(proofs, LegProof, i),
                     conversations_headers(report->conversations), line);
    put_line(report, 4, line);
  }
}

static void put_worn_text(Report *report, const Call *call)
{
  g_autoptr(GString) line = g_string_new(NULL);
  g_autoptr(GArray) worn =
    conversations_worn_of(report->conversations, call->number, &report->scratch);

  for (guint i = 0; i < worn->len; i++) {
    const LegProof *proof = &g_array_index(worn, LegProof, i);

    g_string_truncate(line, 0);
    g_string_append(line, _("not linked by "));
    leg_append_proof(proof, conversations_headers(report->conversations), line);
    g_string_append_printf(line, _(": too many calls have it (seen %u times)"), proof->calls);
    put_line(report, 2, line);
  }
}

void explain_put_legs_text(Report *report, const Call *call)
{
  size_t left_out;

  conversations_update(report->conversations);
  g_autoptr(GArray) legs = conversations_links(report->conversations, call->number, &left_out);
  g_autoptr(GArray) hints = conversations_hints(report->conversations, call->number);
  unsigned services = conversations_services(report->conversations, call->number);
  g_autoptr(GString) line = g_string_new(NULL);
  if (legs->len > 0) {
    g_string_append_printf(line, _("conversation %u, %u legs"),
                           conversations_of(report->conversations, call->number),
                           conversations_legs(report->conversations, call->number));
    g_string_append(line, services != 0 ? _(": ") : "");
  }
  leg_append_services(services, line);
  if (line->len > 0)
    put_line(report, 2, line);
  for (guint i = 0; i < MIN(legs->len, (guint) SHOWN_MAX); i++)
    put_leg_text(report, &g_array_index(legs, Leg, i));
  if (legs->len > SHOWN_MAX) {
    g_string_printf(line, _("and %zu more legs"), legs->len - SHOWN_MAX + left_out);
    put_line(report, 2, line);
  }
  put_worn_text(report, call);
  if (hints->len == 0)
    return;
  g_string_assign(line, _("likely also "));
  legs_append(hints, conversations_headers(report->conversations), line);
  put_line(report, 2, line);
}
