#include "ui/term/theme.h"

enum {
  COLORS_TRUE = 1 << 24,
  CUBE_FIRST = 16, /* of 6 * 6 * 6 colours in a palette of 256 */
  CUBE_SIDE = 6,
  GREY_FIRST = 232, /* of 24 greys */
  GREY_COUNT = 24,
};

typedef struct {
  int red, green, blue;
} Rgb;

/* xterm's; others' do not differ by much. */
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

static int distance(Rgb a, Rgb b)
{
  int red = a.red - b.red, green = a.green - b.green, blue = a.blue - b.blue;

  return red * red + green * green + blue * blue;
}

/* The first sixteen are not looked at: people change them. */
static PaintColor nearest_of_256(Rgb rgb)
{
  PaintColor nearest = CUBE_FIRST;
  int least = G_MAXINT;

  for (int index = CUBE_FIRST; index < GREY_FIRST + GREY_COUNT; index++) {
    int far = distance(rgb, rgb_of_index(index));

    if (far < least) {
      least = far;
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

/* By hue: of all colours a few are near to each pastel, but mostly they are greys. */
static PaintColor nearest_of_few(Rgb rgb, int colors)
{
  int most = MAX(rgb.red, MAX(rgb.green, rgb.blue));
  int least = MIN(rgb.red, MIN(rgb.green, rgb.blue));
  int middle = (most + least) / 2;

  if (most - least <= most / 4)
    return nearest_grey(most, colors);
  PaintColor hue =
    (rgb.red > middle ? 1 : 0) | (rgb.green > middle ? 2 : 0) | (rgb.blue > middle ? 4 : 0);
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
