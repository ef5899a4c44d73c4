#include "dissect/sip/sip_agent.h"

#include <glib.h>

/* No phone or server uses them.  Their first letters are lowercase. */
static const char *const SCANNERS[] = {
  "friendly-scanner", "friendly-request", "sipvicious", "svmap",     "svwar", "svcrack", "sipcli",
  "pplsip",           "sip-scan",         "sipscan",    "sundayddr", "sivus", "iWar",    "sipptk",
};

/* As a whole word at the beginning: "sipcli/v1.8", not "sipclient". */
static bool begins_with_word(Slice text, Slice word)
{
  bool is_word =
    text.len == word.len ||
    (text.len > word.len && !g_ascii_isalnum(text.data[word.len]) && text.data[word.len] != '-');

  return is_word && slice_starts_with_nocase(text, word);
}

const char *sip_agent_scanner(Slice user_agent)
{
  Slice name = slice_trim(user_agent);

  if (name.len > 1 && name.data[0] == '"')
    name = slice_from(name, 1);
  char first = name.len > 0 ? g_ascii_tolower(name.data[0]) : '\0';
  for (size_t i = 0; i < G_N_ELEMENTS(SCANNERS); i++)
    if (first == SCANNERS[i][0] && begins_with_word(name, slice_from_string(SCANNERS[i])))
      return SCANNERS[i];
  return NULL;
}
