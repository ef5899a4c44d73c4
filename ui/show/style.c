#include "ui/show/style.h"

/* SGR sequences (ECMA-48 8.3.117). */
static const char *const SEQUENCES[STYLE_COUNT] = {
  [STYLE_DIM] = "\033[2m",          [STYLE_HEADING] = "\033[1m",    [STYLE_REQUEST] = "\033[1;36m",
  [STYLE_PROVISIONAL] = "\033[33m", [STYLE_SUCCESS] = "\033[32m",   [STYLE_REDIRECT] = "\033[35m",
  [STYLE_CHALLENGE] = "\033[31m",   [STYLE_FAILURE] = "\033[1;31m",
};

Style style_of_status(unsigned status)
{
  static const Style CLASSES[] = {STYLE_REQUEST, STYLE_PROVISIONAL, STYLE_SUCCESS, STYLE_REDIRECT};
  unsigned class = status / 100;

  if (status == 401 || status == 407)
    return STYLE_CHALLENGE;
  return class < G_N_ELEMENTS(CLASSES) ? CLASSES[class] : STYLE_FAILURE;
}

Style style_of_outcome(unsigned status)
{
  Style style = style_of_status(status);

  return style == STYLE_CHALLENGE ? STYLE_FAILURE : style;
}

void style_begin(GString *to, Style style, const Look *look)
{
  if (look->color && SEQUENCES[style])
    g_string_append(to, SEQUENCES[style]);
}

void style_end(GString *to, Style style, const Look *look)
{
  if (look->color && SEQUENCES[style])
    g_string_append(to, "\033[0m");
}
