#include "dissect/diagnose/leg_evidence.h"

#include <glib.h>

const LegEvidenceRow LEG_EVIDENCES[LEG_EVIDENCE_COUNT] = {
  [LEG_EVIDENCE_NONE] = {"", 0, LEG_LIKELY, 0},
#define LEG_EVIDENCE_ROW(id, text, percent, rule, seconds)                                         \
  [LEG_EVIDENCE_##id] = {text, percent, LEG_##rule, seconds},
  LEG_EVIDENCE(LEG_EVIDENCE_ROW)
#undef LEG_EVIDENCE_ROW
};

const char *leg_evidence_text(LegEvidence evidence, unsigned header, const char *const *headers)
{
  return evidence == LEG_EVIDENCE_HEADER && headers ? headers[header]
                                                    : LEG_EVIDENCES[evidence].text;
}

char **leg_headers_parse(const char *setting)
{
  enum { HEADERS_MAX = 16 };
  GStrvBuilder *names = g_strv_builder_new();
  unsigned count = 0;

  for (Slice rest = slice_from_string(setting); rest.len > 0 && count < HEADERS_MAX;) {
    Slice name = slice_trim(slice_cut(&rest, ';'));
    g_autofree char *text = slice_dup(name);

    if (name.len == 0)
      continue;
    g_strv_builder_add(names, text);
    count++;
  }
  char **headers = g_strv_builder_end(names);
  g_strv_builder_unref(names);
  return headers;
}
