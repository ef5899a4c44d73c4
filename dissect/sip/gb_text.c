#include "dissect/sip/gb_text.h"

#include <glib.h>

#include "dissect/sip/sip_body.h"

/* An XML declaration is shorter. */
enum { DECLARATION_MAX = 200 };

/* GB 18030 includes the other two. */
#define ENCODING "GB18030"

static bool names_gb(Slice text)
{
  static const char *const NAMES[] = {"gb2312", "gbk", "gb18030"};
  g_autofree char *lower = g_ascii_strdown(text.data ? text.data : "", (gssize) text.len);

  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (strstr(lower, NAMES[i]))
      return true;
  return false;
}

bool gb_text_is_body(Slice content_type, Slice body)
{
  Slice declaration = slice_head(body, DECLARATION_MAX);

  declaration = slice_head(declaration, slice_find(declaration, '>'));
  bool is_manscdp =
    sip_media_type_is(content_type, SLICE("application"), SLICE("manscdp+xml")); /* mislabelled */
  bool declared = slice_starts_with(declaration, SLICE("<?xml")) && names_gb(declaration);
  return (declared || is_manscdp || names_gb(content_type)) &&
         !g_utf8_validate(body.data, (gssize) body.len, NULL);
}

size_t gb_text_char_len(Slice s)
{
  uint8_t first = s.len > 0 ? (uint8_t) s.data[0] : 0;
  uint8_t second = s.len > 1 ? (uint8_t) s.data[1] : 0;

  if (first < 0x81 || first == 0xFF)
    return 0;
  if (second >= 0x30 && second <= 0x39)
    return s.len >= 4 ? 4 : 0;
  return second >= 0x40 && second != 0x7F && second != 0xFF ? 2 : 0;
}

/* 0 when the bytes are not a character. */
static uint32_t decode_char(GIConv converter, Slice s)
{
  char utf8[8] = {0};
  char *in = (char *) (uintptr_t) s.data, *out = utf8;
  size_t in_left = s.len, out_left = sizeof utf8 - 1;

  if (g_iconv(converter, &in, &in_left, &out, &out_left) == (size_t) -1) {
    g_iconv(converter, NULL, NULL, NULL, NULL);
    return 0;
  }
  return g_utf8_get_char(utf8);
}

uint32_t *gb_text_decode(Arena *arena, Slice text)
{
  uint32_t *codes = arena_alloc0(arena, text.len * sizeof *codes);
  GIConv converter = g_iconv_open("UTF-8", ENCODING);

  if (converter == (GIConv) -1) /* shown as invalid UTF-8 then */
    return codes;
  for (size_t at = 0; at < text.len;) {
    size_t len = gb_text_char_len(slice_from(text, at));

    if (len > 0)
      codes[at] = decode_char(converter, slice_of(text.data + at, len));
    at += codes[at] > 0 ? len : 1;
  }
  g_iconv_close(converter);
  return codes;
}

Slice gb_text_to_utf8(Arena *arena, Slice text)
{
  size_t ascii = 0;
  gsize len = 0;

  while (ascii < text.len && (uint8_t) text.data[ascii] < 0x80)
    ascii++;
  if (ascii == text.len)
    return text;
  g_autofree char *utf8 =
    g_convert(text.data, (gssize) text.len, "UTF-8", ENCODING, NULL, &len, NULL);
  return utf8 ? arena_dup(arena, slice_of(utf8, len)) : text;
}
