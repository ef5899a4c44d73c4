#include "ui/show/leg_text.h"

#include "capture/language.h"

void leg_append_why(const Leg *leg, const char *const *headers, GString *to)
{
  bool is_first = true;

  for (unsigned i = LEG_EVIDENCE_COUNT; i-- > 1;)
    if (leg->evidence >> i & 1) {
      g_string_append_printf(to, "%s%s", is_first ? "" : " + ",
                             _(leg_evidence_text((LegEvidence) i, leg->header, headers)));
      is_first = false;
    }
}

void legs_append(const GArray *legs, const char *const *headers, GString *to)
{
  enum { MOST = 6 };
  guint count = MIN(legs->len, MOST);

  g_string_append(to, legs->len == 1 ? _("call") : _("calls"));
  for (guint i = 0; i < count; i++) {
    const Leg *one = &g_array_index(legs, Leg, i);
    bool same_follows =
      i + 1 < count && one[1].strongest == one->strongest && one[1].header == one->header;
    g_string_append_printf(to, "%s %u", i > 0 ? "," : "", one->number);
    if (!same_follows)
      g_string_append_printf(to, " (%s)",
                             _(leg_evidence_text(one->strongest, one->header, headers)));
  }
  if (legs->len > count)
    g_string_append_printf(to, _(" and %u more"), legs->len - count);
}

void leg_append_services(unsigned services, GString *to)
{
  bool is_first = true;

  for (LegService i = 0; i < LEG_SERVICE_COUNT; i++)
    if (services >> i & 1) {
      g_string_append(to, is_first ? "" : _(", "));
      g_string_append(to, _(leg_service_name(i)));
      is_first = false;
    }
}

void leg_append_story(const Conversations *conversations, const Leg *leg, GString *to)
{
  LegService service = conversations_service_of(conversations, leg);

  g_string_append_printf(to, _("leg of call %u ("), leg->of);
  if (service != LEG_SERVICE_COUNT)
    g_string_append_printf(to, _("%s, by "), _(leg_service_name(service)));
  leg_append_why(leg, conversations_headers(conversations), to);
  g_string_append_c(to, ')');
}

void leg_append_proof(const LegProof *proof, const char *const *headers, GString *to)
{
  enum { VALUE_MAX = 80 };
  Slice value = slice_head(proof->value, VALUE_MAX);

  g_string_append_printf(to, "%s %.*s%s (%u %%)",
                         _(leg_evidence_text(proof->evidence, proof->header, headers)),
                         SLICE_ARG(value), value.len < proof->value.len ? "..." : "",
                         LEG_EVIDENCES[proof->evidence].percent);
}
