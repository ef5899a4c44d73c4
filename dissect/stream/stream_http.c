#include "dissect/stream/stream_http.h"

#include <glib.h>

/* Those that are no methods of SIP. */
static const Slice METHODS[] = {{"GET ", 4},    {"POST ", 5},    {"PUT ", 4},  {"HEAD ", 5},
                                {"DELETE ", 7}, {"CONNECT ", 8}, {"PATCH ", 6}};

bool stream_http_begins(Slice octets)
{
  Slice rest = octets;
  Slice line = slice_take_line(&rest);

  if (slice_starts_with(line, SLICE("HTTP/1.")))
    return true;
  if (line.len == octets.len) {
    for (size_t i = 0; i < G_N_ELEMENTS(METHODS); i++)
      if (slice_starts_with(line, METHODS[i]))
        return true;
    return false;
  }
  size_t version = strlen("HTTP/1.1");
  return line.len > version &&
         slice_starts_with(slice_from(line, line.len - version - 1), SLICE(" HTTP/1."));
}

size_t stream_http_header_end(Slice octets, size_t from)
{
  size_t at = from >= 3 ? from - 3 : 0; /* the empty line may have begun before */

  while (at < octets.len) {
    at += slice_find(slice_from(octets, at), '\n') + 1;
    Slice rest = slice_from(octets, at);
    if (slice_starts_with(rest, SLICE("\r\n")))
      return at + 2;
    if (slice_starts_with(rest, SLICE("\n")))
      return at + 1;
  }
  return 0;
}

/* Is `word` one of the comma list, in any case? */
static bool list_has(Slice list, Slice word)
{
  while (list.len > 0)
    if (slice_eq_nocase(slice_trim(slice_cut(&list, ',')), word))
      return true;
  return false;
}

static void read_row(StreamHttp *http, Slice row)
{
  Slice name = slice_trim(slice_cut(&row, ':'));

  if (slice_eq_nocase(name, SLICE("Upgrade")))
    http->upgrades |= list_has(row, SLICE("websocket"));
  if (slice_eq_nocase(name, SLICE("Sec-WebSocket-Protocol"))) {
    http->names_protocol = true;
    http->names_sip |= list_has(row, SLICE("sip"));
  }
}

StreamHttp stream_http_read(Slice header)
{
  StreamHttp http = {0};
  Slice line = slice_take_line(&header);
  uint32_t status;

  if (slice_starts_with(line, SLICE("HTTP/1."))) {
    slice_cut(&line, ' ');
    if (slice_to_u32(slice_cut(&line, ' '), &status))
      http.status = status;
  }
  while (header.len > 0)
    read_row(&http, slice_take_line(&header));
  return http;
}
