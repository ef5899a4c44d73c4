#include "ui/term/theme.h"

#include "capture/error.h"
#include "capture/language.h"

static const char *const STYLE_NAMES[STYLE_COUNT + 1] = {
#define STYLE_NAME(id, name) [STYLE_##id] = name,
  STYLES(STYLE_NAME)
#undef STYLE_NAME
};

enum { THEME_COUNT = 3 };

static const char *const THEME_NAMES[THEME_COUNT + 1] = {"dark", "light", "mono", NULL};

/*
 * The styles of each theme, in the syntax of the configuration.  The colours also work on terminals
 * with eight of them: requests, provisional responses, successes and failures keep different hues,
 * and text on a background stays readable.  Yellow and cyan are too pale on white for important
 * text.
 */
static const struct {
  const char *style;
  const char *paints[THEME_COUNT];
} PAINTS[] = {
  {"plain", {"default", "default", "default"}},
  {"dim", {"#949494", "#606060", "dim"}},
  {"heading", {"bold", "bold", "bold"}},
  {"request", {"#5fd7ff bold", "#0050af bold", "bold"}},
  {"provisional", {"#ffd75f", "#8700af", "default"}},
  {"success", {"#87d75f", "#006f00", "default"}},
  {"redirect", {"#d787ff", "#8f5902", "underline"}},
  {"challenge", {"#d78787", "#a04040", "italic"}},
  {"failure", {"#ff5f5f bold", "#c00000 bold", "bold underline"}},
  {"bar", {"#eeeeee on #303a5a", "#ffffff on #3a4f7a", "reverse"}},
  {"key", {"#ffd75f on #303a5a bold", "#ffe08a on #3a4f7a bold", "reverse bold"}},
  {"title", {"#afd7ff on #262626 bold", "#000000 on #d0d0d0 bold", "bold underline"}},
  {"border", {"#7c7c7c", "#767676", "default"}},
  {"field", {"#ffffff on #3a3a3a underline", "#000000 on #d7d7ff underline", "underline"}},
  {"marked", {"#ffff87 bold", "#0000d7 bold", "bold"}},
  {"warning", {"#ffaf00", "#af4400", "bold"}},
  {"error", {"#ffffff on #af0000 bold", "#ffffff on #c00000 bold", "reverse bold"}},
  {"hint", {"#87d7d7 italic", "#5f5f5f italic", "italic"}},
  {"name", {"#87d7ff", "#004488", "bold"}},
  {"uri", {"#afd787", "#005f00", "default"}},
  {"parameter", {"#d7d787", "#6f3f7f", "default"}},
  {"sdp", {"#d787d7", "#870057", "default"}},
  {"chart", {"#5fafd7", "#2f5fb0", "default"}},
  {"cycle-1", {"#5fd7ff", "#0050af", "default"}},
  {"cycle-2", {"#ffd75f", "#8700af", "bold"}},
  {"cycle-3", {"#87d75f", "#006f00", "default"}},
  {"cycle-4", {"#ff87ff", "#af3f00", "bold"}},
  {"cycle-5", {"#87afff bold", "#006870", "default"}},
  {"cycle-6", {"#ff875f", "#6f5400", "bold"}},
  {"cycle-7", {"#d0d0d0", "#444444", "default"}},
  {"cursor", {"#ffffff on #1c3f94 bold", "#ffffff on #1c3f94 bold", "reverse"}},
  {"lit", {"on #262626 bold", "on #e4e4e4 bold", "bold"}},
  {"found", {"#000000 on #ffd700", "#000000 on #ffd700", "reverse bold underline"}},
  {"changed", {"#ffffff on #870000", "#000000 on #ffafaf", "bold underline"}},
};

/* By number: from the default, which is -1. */
static const char *const COLOR_NAMES[] = {"default",       "black",        "red",
                                          "green",         "yellow",       "blue",
                                          "magenta",       "cyan",         "white",
                                          "grey",          "bright-red",   "bright-green",
                                          "bright-yellow", "bright-blue",  "bright-magenta",
                                          "bright-cyan",   "bright-white", NULL};

enum { NAMED_COUNT = G_N_ELEMENTS(COLOR_NAMES) - 1 };

const char *const PAINT_ATTRIBUTE_NAMES[PAINT_ATTRIBUTE_COUNT] = {"bold", "dim", "italic",
                                                                  "underline", "reverse"};

static Paint *cursor_of(Theme *theme)
{
  return &theme->cursor;
}

static Paint *lit_of(Theme *theme)
{
  return &theme->lit;
}

static Paint *found_of(Theme *theme)
{
  return &theme->found;
}

static Paint *changed_of(Theme *theme)
{
  return &theme->changed;
}

static const struct {
  const char *name;
  unsigned mark;
  Paint *(*paint)(Theme *theme);
} MARKS[] = {
  {"cursor", CELL_CURSOR, cursor_of},
  {"lit", CELL_LIT, lit_of},
  {"found", CELL_FOUND, found_of},
  {"changed", CELL_CHANGED, changed_of},
};

static Paint *find_paint(Theme *theme, const char *name)
{
  for (size_t i = 0; i < STYLE_COUNT; i++)
    if (strcmp(name, STYLE_NAMES[i]) == 0)
      return &theme->styles[i];
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (strcmp(name, MARKS[i].name) == 0)
      return MARKS[i].paint(theme);
  return NULL;
}

/* "#5fafff" */
static bool parse_rgb(const char *word, PaintColor *ret_color)
{
  enum { DIGITS = 6 };
  PaintColor rgb = 0;

  if (word[0] != '#' || strlen(word) != 1 + DIGITS)
    return false;
  for (size_t i = 1; i <= DIGITS; i++) {
    int digit = g_ascii_xdigit_value(word[i]);

    if (digit < 0)
      return false;
    rgb = rgb << 4 | digit;
  }
  *ret_color = PAINT_RGB | rgb;
  return true;
}

static bool parse_color(const char *word, PaintColor *ret_color)
{
  uint16_t index;

  if (g_ascii_strcasecmp(word, "gray") == 0)
    word = "grey";
  for (size_t i = 0; i < NAMED_COUNT; i++)
    if (g_ascii_strcasecmp(word, COLOR_NAMES[i]) == 0) {
      *ret_color = (PaintColor) i - 1;
      return true;
    }
  if (slice_to_u16(slice_from_string(word), &index) && index < 256) {
    *ret_color = index;
    return true;
  }
  return parse_rgb(word, ret_color);
}

static bool parse_attribute(const char *word, unsigned *attributes)
{
  for (unsigned i = 0; i < PAINT_ATTRIBUTE_COUNT; i++)
    if (g_ascii_strcasecmp(word, PAINT_ATTRIBUTE_NAMES[i]) == 0) {
      *attributes |= 1U << i;
      return true;
    }
  return false;
}

static bool parse_paint(const char *text, Paint *ret_paint, GError **error)
{
  g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
  Paint paint = {PAINT_DEFAULT, PAINT_DEFAULT, 0};
  PaintColor *color = &paint.foreground;
  bool on = false;

  for (char **word = words; *word; word++) {
    if (**word == '\0' || parse_attribute(*word, &paint.attributes))
      continue;
    if (!on && g_ascii_strcasecmp(*word, "on") == 0) {
      on = true;
      color = &paint.background;
    } else if (color && parse_color(*word, color)) {
      color = NULL;
    } else {
      g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                  _("\"%s\" in \"%s\" is not a colour or attribute; try \"#ff8700 on black bold\", "
                    "\"red\", \"208\", \"bright-blue underline\""),
                  *word, text);
      return false;
    }
  }
  *ret_paint = paint;
  return true;
}

bool theme_set(Theme *theme, const char *style, const char *paint, GError **error)
{
  Paint *place = find_paint(theme, style);

  if (!place) {
    g_autofree char *names = g_strjoinv(", ", (char **) (uintptr_t) STYLE_NAMES);
    g_set_error(error, APP_ERROR, APP_ERROR_USAGE,
                _("unknown style \"%s\"; expected one of %s, cursor, lit, found, changed"), style,
                names);
    return false;
  }
  return parse_paint(paint, place, error);
}

const char *const *theme_names(void)
{
  return THEME_NAMES;
}

bool theme_find(const char *name, Theme *ret_theme)
{
  size_t column = 0;

  while (column < THEME_COUNT && strcmp(THEME_NAMES[column], name) != 0)
    column++;
  if (column == THEME_COUNT)
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(PAINTS); i++) {
    bool known = theme_set(ret_theme, PAINTS[i].style, PAINTS[i].paints[column], NULL);

    g_assert(known);
  }
  return true;
}

bool theme_part(const Theme *theme, size_t index, ThemePart *ret_part)
{
  Theme copy = *theme;
  ThemePart part = {.style = STYLE_PLAIN};

  if (index >= G_N_ELEMENTS(PAINTS))
    return false;
  part.name = PAINTS[index].style;
  part.paint = *find_paint(&copy, part.name);
  for (size_t i = 0; i < STYLE_COUNT; i++)
    if (strcmp(STYLE_NAMES[i], part.name) == 0)
      part.style = (Style) i;
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (strcmp(MARKS[i].name, part.name) == 0)
      part.mark = MARKS[i].mark;
  *ret_part = part;
  return true;
}

const char *const *paint_color_names(void)
{
  return COLOR_NAMES;
}

PaintColor paint_color_beside(PaintColor color, int step)
{
  int named = paint_color_for(color, NAMED_COUNT - 1) + 1;

  return (PaintColor) ((named + step + NAMED_COUNT) % NAMED_COUNT) - 1;
}

static void append_color(GString *to, PaintColor color)
{
  if (color & PAINT_RGB)
    g_string_append_printf(to, "#%06x", (unsigned) (color & ~PAINT_RGB));
  else if (color < NAMED_COUNT - 1)
    g_string_append(to, COLOR_NAMES[color + 1]);
  else
    g_string_append_printf(to, "%d", (int) color);
}

void paint_append(const Paint *paint, GString *to)
{
  size_t before = to->len;

  if (paint->foreground != PAINT_DEFAULT)
    append_color(to, paint->foreground);
  if (paint->background != PAINT_DEFAULT) {
    g_string_append(to, to->len > before ? " on " : "on ");
    append_color(to, paint->background);
  }
  for (unsigned i = 0; i < PAINT_ATTRIBUTE_COUNT; i++)
    if (paint->attributes & 1U << i)
      g_string_append_printf(to, "%s%s", to->len > before ? " " : "", PAINT_ATTRIBUTE_NAMES[i]);
  if (to->len == before)
    g_string_append(to, COLOR_NAMES[0]);
}

void theme_append(const Theme *theme, GString *to)
{
  ThemePart part;

  for (size_t i = 0; theme_part(theme, i, &part); i++) {
    g_string_append_printf(to, "%s = ", part.name);
    paint_append(&part.paint, to);
    g_string_append_c(to, '\n');
  }
}

static void lay_over(Paint *paint, const Paint *over)
{
  if (over->foreground != PAINT_DEFAULT)
    paint->foreground = over->foreground;
  if (over->background != PAINT_DEFAULT)
    paint->background = over->background;
  paint->attributes |= over->attributes;
}

Paint theme_paint(const Theme *theme, const Cell *cell)
{
  Paint paint = theme->styles[cell->style];

  if (cell->marks & CELL_LIT)
    lay_over(&paint, &theme->lit);
  if (cell->marks & CELL_CURSOR)
    lay_over(&paint, &theme->cursor);
  if (cell->marks & CELL_CHANGED)
    lay_over(&paint, &theme->changed);
  if (cell->marks & CELL_FOUND)
    lay_over(&paint, &theme->found);
  return paint;
}

/* --- colours for terminals that have few --- */

enum {
  COLORS_TRUE = 1 << 24,
  CUBE_FIRST = 16, /* of 6 * 6 * 6 colours in a palette of 256 */
  CUBE_SIDE = 6,
  GREY_FIRST = 232, /* of 24 greys */
  GREY_COUNT = 24,
  BLACK = 0,
  YELLOW = 3,
  BLUE = 4,
  CYAN = 6,
  WHITE = 7,
  LIGHT = 0x70,    /* brightness of colours that are read on black */
  CONTRAST = 0x50, /* of brightness, between text and what is behind it */
};

typedef struct {
  int red, green, blue;
} Rgb;

/* xterm's; those of others are similar. */
static const uint32_t FIRST_SIXTEEN[] = {
  0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
  0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
};

static const int CUBE_LEVELS[CUBE_SIDE] = {0x00, 0x5F, 0x87, 0xAF, 0xD7, 0xFF};

static Rgb rgb_of_number(uint32_t rgb)
{
  return (Rgb){(int) (rgb >> 16 & 0xFF), (int) (rgb >> 8 & 0xFF), (int) (rgb & 0xFF)};
}

static Rgb rgb_of_index(int index)
{
  int in_cube = index - CUBE_FIRST, grey = 8 + 10 * (index - GREY_FIRST);

  if (index < CUBE_FIRST)
    return rgb_of_number(FIRST_SIXTEEN[index]);
  if (index >= GREY_FIRST)
    return (Rgb){grey, grey, grey};
  return (Rgb){CUBE_LEVELS[in_cube / (CUBE_SIDE * CUBE_SIDE)],
               CUBE_LEVELS[in_cube / CUBE_SIDE % CUBE_SIDE], CUBE_LEVELS[in_cube % CUBE_SIDE]};
}

static Rgb rgb_of(PaintColor color)
{
  return color & PAINT_RGB ? rgb_of_number((uint32_t) color) : rgb_of_index(color);
}

/* The first sixteen are not used: people change them. */
static PaintColor nearest_of_256(Rgb rgb)
{
  PaintColor nearest = CUBE_FIRST;
  int least = G_MAXINT;

  for (int index = CUBE_FIRST; index < GREY_FIRST + GREY_COUNT; index++) {
    Rgb other = rgb_of_index(index);
    int red = rgb.red - other.red, green = rgb.green - other.green, blue = rgb.blue - other.blue;
    int distance = red * red + green * green + blue * blue;

    if (distance < least) {
      least = distance;
      nearest = index;
    }
  }
  return nearest;
}

/* With eight colours there is no grey; the terminal's own colour is readable at least. */
static PaintColor nearest_grey(int level, int colors)
{
  if (level < 0x40)
    return 0;
  if (colors < 16)
    return level < 0xC0 ? PAINT_DEFAULT : 7;
  if (level < 0xA0)
    return 8;
  return level < 0xE0 ? 7 : 15;
}

/* Of 255, as the eye takes it. */
static int brightness(Rgb rgb)
{
  return (rgb.red * 30 + rgb.green * 59 + rgb.blue * 11) / 100;
}

/* By hue: by distance most pastel colours would become greys. */
static PaintColor nearest_of_few(Rgb rgb, int colors)
{
  int most = MAX(rgb.red, MAX(rgb.green, rgb.blue));
  int least = MIN(rgb.red, MIN(rgb.green, rgb.blue));
  int middle = (most + least) / 2;

  if (most - least <= most / 4)
    return nearest_grey(most, colors);
  PaintColor hue =
    (rgb.red > middle ? 1 : 0) | (rgb.green > middle ? 2 : 0) | (rgb.blue > middle ? 4 : 0);
  bool is_light = brightness(rgb) >= LIGHT;
  if (hue == BLUE && colors < 16 && is_light)
    return CYAN;                /* the blue of eight colours is the darkest after black */
  if (colors < 16 && !is_light) /* on white, where their yellow and cyan are too pale */
    return hue == YELLOW ? PAINT_DEFAULT : hue == CYAN ? BLUE : hue;
  return colors >= 16 && most >= 0xD0 ? hue + 8 : hue;
}

PaintColor paint_color_for(PaintColor color, int colors)
{
  if (color == PAINT_DEFAULT || colors < 8)
    return PAINT_DEFAULT;
  /* With true colour only the first eight are still called by their number. */
  if (colors >= COLORS_TRUE)
    return color < 8 || color & PAINT_RGB
             ? color
             : (PaintColor) (PAINT_RGB | rgb_of(color).red << 16 | rgb_of(color).green << 8 |
                             rgb_of(color).blue);
  if (!(color & PAINT_RGB) && color < colors)
    return color;
  return colors >= 256 ? nearest_of_256(rgb_of(color)) : nearest_of_few(rgb_of(color), colors);
}

bool theme_background_is_light(const char *colorfgbg)
{
  const char *last = colorfgbg ? strrchr(colorfgbg, ';') : NULL;
  uint16_t color;

  if (!last || !slice_to_u16(slice_from_string(last + 1), &color))
    return false;
  return color == 7 || (color > 8 && color <= 15);
}

void paint_fit(Paint *paint, int colors)
{
  PaintColor text = paint_color_for(paint->foreground, colors);
  PaintColor behind = paint_color_for(paint->background, colors);

  if (text != PAINT_DEFAULT && behind != PAINT_DEFAULT) {
    int back = brightness(rgb_of(behind));
    if (ABS(brightness(rgb_of(text)) - back) < CONTRAST)
      text = back >= LIGHT ? BLACK : WHITE;
  }
  paint->foreground = text;
  paint->background = behind;
}
