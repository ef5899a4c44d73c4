#include "ui/show/sort_key.h"

enum { PREFIX = 16 };

/* Octets that compare by memcmp as the values do. */
typedef struct {
  uint8_t octets[SORT_TEXT_MAX];
  size_t len;
  bool is_cut;
} Image;

static uint64_t load_be64(const uint8_t octets[8])
{
  uint64_t number;

  memcpy(&number, octets, sizeof number);
  return GUINT64_FROM_BE(number);
}

/* Two's complement with its sign turned round is in the order of unsigned numbers. */
static uint64_t image_of_number(int64_t number)
{
  return (uint64_t) number ^ UINT64_C(1) << 63;
}

static void image_text(Image *image, Slice text)
{
  Slice head = slice_head(text, SORT_TEXT_MAX);

  for (size_t i = 0; i < head.len; i++)
    image->octets[i] = (uint8_t) g_ascii_tolower(head.data[i]);
  image->len = head.len;
  image->is_cut = head.len < text.len;
}

static void image_address(Image *image, const Endpoint *address)
{
  uint16_t port = GUINT16_TO_BE(address->port);
  size_t len = sizeof address->address;

  image->octets[0] = (uint8_t) address->family;
  memcpy(image->octets + 1, address->address, len);
  memcpy(image->octets + 1 + len, &port, sizeof port);
  image->len = 1 + len + sizeof port;
}

/* Texts need no more than the prefix when they are short and have no NUL that looks like an end. */
static bool needs_text(const Image *image)
{
  return image->len > PREFIX || memchr(image->octets, '\0', image->len) != NULL;
}

static const SortText *text_new(Arena *texts, const Image *image)
{
  SortText *text = arena_alloc(texts, sizeof *text + image->len);

  text->len = (uint16_t) image->len;
  text->is_cut = image->is_cut;
  memcpy(text->octets, image->octets, image->len);
  return text;
}

static SortKey key_of_image(Arena *texts, const Image *image)
{
  SortKey key = {.high = load_be64(image->octets), .low = load_be64(image->octets + 8)};

  if (needs_text(image))
    key.text = text_new(texts, image);
  return key;
}

static SortKey key_of_value(Arena *texts, const FieldValue *value)
{
  Image image = {.len = 0};

  switch (value->type) {
  case FIELD_INTEGER:
  case FIELD_DURATION:
  case FIELD_TIME:
    return (SortKey){.high = image_of_number(value->integer)};
  case FIELD_BOOLEAN:
    return (SortKey){.high = value->truth};
  case FIELD_STRING:
  case FIELD_ENUM:
    image_text(&image, value->text);
    break;
  case FIELD_ADDRESS:
    image_address(&image, &value->address);
    break;
  case FIELD_LIST:
    g_assert_not_reached();
  }
  return key_of_image(texts, &image);
}

SortKey sort_key_new(Arena *texts, uint32_t number, const FieldValue *value)
{
  SortKey key = {.is_absent = true};

  if (value)
    key = key_of_value(texts, value);
  key.number = number;
  return key;
}

static SortOrder compare_numbers(uint64_t a, uint64_t b)
{
  return a < b ? SORT_BEFORE : a > b ? SORT_AFTER : SORT_EQUAL;
}

/* Equal prefixes: of the shorter text nothing is left, or it has one as well. */
static SortOrder compare_texts(const SortText *a, const SortText *b)
{
  if (!a || !b)
    return compare_numbers(a != NULL, b != NULL);
  int order = memcmp(a->octets, b->octets, MIN(a->len, b->len));
  if (order != 0)
    return order < 0 ? SORT_BEFORE : SORT_AFTER;
  if (a->is_cut && b->is_cut)
    return SORT_UNDECIDED;
  return compare_numbers((uint64_t) a->len + a->is_cut, (uint64_t) b->len + b->is_cut);
}

SortOrder sort_key_compare(const SortKey *a, const SortKey *b)
{
  SortOrder order = compare_numbers(a->high, b->high);

  if (order == SORT_EQUAL)
    order = compare_numbers(a->low, b->low);
  return order == SORT_EQUAL ? compare_texts(a->text, b->text) : order;
}

size_t sort_key_octets(const SortKey *key)
{
  return key->text ? sizeof *key->text + key->text->len : 0;
}

void sort_key_move(SortKey *key, Arena *texts)
{
  size_t octets = sort_key_octets(key);

  if (octets > 0)
    key->text = memcpy(arena_alloc(texts, octets), key->text, octets);
}
