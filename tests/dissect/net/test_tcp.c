#include "dissect/net/tcp.h"
#include "tests/dissect/segments.h"

/* As in tcp.c and tcp_half.c. */
enum { SEGMENTS = 12, LATE_SYN_MAX = 64 << 10, NEAR = 16 << 20, WAITING_MAX = 256 << 10 };

static const TcpLimits LIMITS = {.connections = 10, .bytes = 1 << 20, .gap_wait_ns = 1000000000};

/*
 * Events as text: octets as they are, with "a:" or "b:" where the side changes; [3] a gap, . the
 * end, ? a start that is held back, <octets> early ones.
 */
static void write_event(GString *out, char *side, TcpTable *table, const TcpEvent *event)
{
  char from = (char) event->stream->src.address[3];

  if (from != *side)
    g_string_append_printf(out, "%s%c:", out->len > 0 ? " " : "", from);
  *side = from;
  switch (event->kind) {
  case TCP_START:
    if (g_ascii_isupper(event->octets.data[0]))
      break;
    g_string_append_c(out, '?');
    tcp_hold(table, event->stream);
    break;
  case TCP_DATA:
    g_string_append_len(out, event->octets.data, (gssize) event->octets.len);
    break;
  case TCP_GAP:
    g_string_append_printf(out, "[%u]", (unsigned) event->gap);
    break;
  case TCP_EARLY:
    g_string_append_printf(out, "<%.*s>", SLICE_ARG(event->octets));
    break;
  case TCP_END:
    g_string_append_c(out, '.');
    break;
  }
}

static void pull(TcpTable *table, GString *out, char *side)
{
  TcpEvent event;

  while (tcp_next(table, &event))
    write_event(out, side, table, &event);
}

static void play(TcpTable *table, const Segment *segments, Packet *last, GString *out, char *side)
{
  for (; segments->from; segments++) {
    *last = test_segment(segments, last);
    tcp_feed(table, last);
    pull(table, out, side);
    free_segment(last);
  }
}

static const struct {
  const char *name;
  Segment segments[SEGMENTS];
  const char *events; /* before the table is told to end */
} CASES[] = {
  {"in order",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 13, "", "def"}, {'a', 16, "F"}},
   "a:abcdef."},
  {"both directions",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "", "abc"},
    {'b', 100, "", "xyz"},
    {'a', 13, "F"},
    {'b', 103, "FA", NULL, 14}},
   "a:abc b:xyz a:. b:."},
  {"FIN that is not acknowledged yet",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "FA", "abc", 100},
    {'b', 100, "A", "xyz", 13},
    {'a', 14, "A", NULL, 103},
    {'b', 103, "A", "uvw", 14}},
   "a:abc b:xyz a:. b:uvw"},
  {"swapped", {{'a', 9, "S"}, {'a', 13, "", "def"}, {'a', 10, "", "abc"}}, "a:abcdef"},
  {"reversed",
   {{'a', 9, "S"}, {'a', 13, "", "d"}, {'a', 12, "", "c"}, {'a', 11, "", "b"}, {'a', 10, "", "a"}},
   "a:abcd"},
  {"sent again",
   {{'a', 9, "S"},
    {'a', 10, "", "abc"},
    {'a', 10, "", "abc"},
    {'a', 13, "", "def"},
    {'a', 13, "", "def"}},
   "a:abcdef"},
  {"sent again while it waits",
   {{'a', 9, "S"}, {'a', 13, "", "def"}, {'a', 13, "", "def"}, {'a', 10, "", "abc"}},
   "a:abcdef"},
  {"sent again with other borders",
   {{'a', 9, "S"}, {'a', 10, "", "abcd"}, {'a', 10, "", "abcdef"}, {'a', 13, "", "defg"}},
   "a:abcdefg"},
  {"the first octets win",
   {{'a', 9, "S"}, {'a', 12, "", "cd"}, {'a', 10, "", "XXXXXX"}},
   "a:XXcdXX"},
  {"the first octets win over many",
   {{'a', 9, "S"},
    {'a', 11, "", "b"},
    {'a', 13, "", "d"},
    {'a', 15, "", "f"},
    {'a', 10, "", "XXXXXXX"}},
   "a:XbXdXfX"},
  {"given octets win", {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 9, "", "XXXXXX"}}, "a:abcXX"},
  {"numbers wrap",
   {{'a', 0xfffffffd, "S"}, {'a', 0xfffffffe, "", "abcd"}, {'a', 2, "", "ef"}},
   "a:abcdef"},
  {"numbers wrap in a hole",
   {{'a', 0xfffffffc, "S"}, {'a', 1, "", "ef"}, {'a', 0xfffffffd, "", "abcd"}},
   "a:abcdef"},
  {"the first octet has number 0",
   {{'a', 0xffffffff, "S"}, {'a', 0, "", "ab"}, {'a', 2, "", "c"}},
   "a:abc"},
  {"SYN with octets", {{'a', 9, "S", "abc"}, {'a', 13, "", "def"}}, "a:abcdef"},
  {"SYN sent again",
   {{'a', 9, "S"}, {'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 9, "S"}, {'a', 13, "", "d"}},
   "a:abcd"},
  {"SYN captured late", {{'a', 10, "", "Abc"}, {'a', 9, "S"}, {'a', 13, "", "def"}}, "a:Abcdef"},
  {"SYN late, octets held back",
   {{'a', 13, "", "def"}, {'a', 9, "S"}, {'a', 10, "", "abc"}},
   "a:?abcdef"},
  {"SYN-ACK before SYN",
   {{'b', 99, "SA", NULL, 10}, {'a', 9, "S"}, {'a', 10, "A", "abc", 100}, {'b', 100, "A", "x", 13}},
   "a:abc b:x"},
  {"keep-alive with an octet",
   {{'a', 9, "S"},
    {'a', 10, "", "abc"},
    {'a', 12, "", "X"},
    {'a', 12, "", ""},
    {'a', 13, "", "def"}},
   "a:abcdef"},
  {"keep-alive before the first octets",
   {{'b', 100, "A", NULL, 13}, {'a', 12, "A", "X", 100}, {'a', 13, "A", "Def", 100}},
   "a:Def"},
  {"zero window probe",
   {{'a', 9, "S"}, {'a', 10, "", "a"}, {'a', 11, "", "b"}, {'a', 11, "", "bcd"}},
   "a:abcd"},
  {"far number",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 0x40000000, "", "XXX"}, {'a', 13, "", "def"}},
   "a:abcdef"},
  {"far numbers that go on",
   {{'a', 9, "S"},
    {'a', 10, "", "abc"},
    {'a', 0x40000000, "", "xxx"},
    {'a', 0x40000003, "", "Def"}},
   "a:abc. b:. a:Def"},
  {"far number after a long silence",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 0x40000000, "", "Def", 0, 11000}},
   "a:abc. b:. a:Def"},
  {"far number, just within reach",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 13 + NEAR, "", "def"}, {'b', 1, "", "X", 0, 1000}},
   "a:abc[16777216]def b:X"},
  {"far number, just out of reach",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 14 + NEAR, "", "def"}, {'b', 1, "", "X", 0, 1000}},
   "a:abc b:X"},
  {"far numbers before, the second just within reach",
   {{'a', NEAR, "S"}, {'a', NEAR + 1, "", "abc"}, {'a', 1, "", "xyz"}, {'a', 4, "", "Def"}},
   "a:abc"},
  {"far numbers before, the second just out of reach",
   {{'a', NEAR, "S"}, {'a', NEAR + 1, "", "abc"}, {'a', 0, "", "xyz"}, {'a', 3, "", "Def"}},
   "a:abc. b:. a:Def"},
  {"far number after a silence that is not long enough",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 0x40000000, "", "Def", 0, 9999}},
   "a:abc"},
  {"far number after a silence that just is",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 0x40000000, "", "Def", 0, 10000}},
   "a:abc. b:. a:Def"},
  {"far RST",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 0x40000000, "R"}, {'a', 13, "", "def"}},
   "a:abcdef"},
  {"ports used again",
   {{'a', 9, "S"},
    {'a', 10, "", "abc"},
    {'a', 16, "", "ghi"},
    {'a', 499, "S"},
    {'a', 500, "", "xyz"}},
   "a:abc[3]ghi. b:. a:xyz"},
  {"ports used again after the end",
   {{'a', 9, "S"}, {'a', 10, "F", "abc"}, {'a', 499, "S"}, {'a', 500, "", "xyz"}},
   "a:abc. b:. a:xyz"},
  {"ports and numbers used again after the end",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "F", "abc"},
    {'a', 9, "S"},
    {'b', 100, "FA", NULL, 14},
    {'a', 9, "S"},
    {'a', 10, "", "xyz"}},
   "a:abc. b:. a:xyz"},
  {"SYN sent again after it was refused",
   {{'a', 9, "S"}, {'b', 0, "RA", NULL, 10}, {'a', 9, "S"}, {'a', 10, "", "abc"}},
   "b:. a:.abc"},
  {"RST ends both",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "", "abc"},
    {'b', 102, "", "z"},
    {'a', 13, "R"},
    {'a', 10, "", "abc"}},
   "a:abc. b:[2]z."},
  {"RST of nothing", {{'a', 9, "R"}, {'a', 10, "", "Abc"}}, "a:Abc"},
  {"FIN with octets", {{'a', 9, "S"}, {'a', 10, "F", "abc"}}, "a:abc."},
  {"FIN before octets",
   {{'a', 9, "S"}, {'a', 16, "F"}, {'a', 13, "", "def"}, {'a', 10, "", "abc"}},
   "a:abcdef."},
  {"octets across FIN",
   {{'a', 9, "S"}, {'a', 13, "F"}, {'a', 12, "", "cdef"}, {'a', 10, "", "abcdef"}},
   "a:abcdef"},
  {"octets after FIN",
   {{'a', 9, "S"}, {'a', 10, "F", "abc"}, {'a', 13, "", "def"}, {'b', 9, "", "X"}},
   "a:abc. b:. a:def b:X"},
  {"octets after FIN that was not acknowledged",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "A", "abc", 100},
    {'a', 13, "FA", NULL, 100},
    {'b', 100, "A", NULL, 13},
    {'a', 13, "A", "def", 100}},
   "a:abcdef"},
  {"keep-alive after FIN", {{'a', 9, "S"}, {'a', 10, "F", "abc"}, {'a', 13, "", "X"}}, "a:abc."},
  {"octets waiting after FIN",
   {{'a', 9, "S"}, {'a', 15, "", "xyz"}, {'a', 13, "F"}, {'a', 10, "", "abcde"}},
   "a:abcdexyz"},
  {"FIN ahead, octets up to it and further",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 16, "FA", NULL, 100},
    {'a', 10, "A", "abc", 100, 5000},
    {'b', 100, "A", NULL, 13},
    {'a', 13, "A", "def", 100},
    {'b', 100, "A", NULL, 16},
    {'a', 16, "A", "ghi", 100},
    {'a', 19, "FA", NULL, 100},
    {'b', 100, "A", NULL, 20}},
   "a:abcdefghi."},
  {"FIN ahead, then the real one",
   {{'a', 9, "S"}, {'a', 30, "F"}, {'a', 10, "F", "abc"}},
   "a:abc."},
  {"octets sent again after FIN",
   {{'a', 9, "S"}, {'a', 10, "F", "abc"}, {'a', 10, "F", "abc"}},
   "a:abc."},
  {"no SYN", {{'a', 10, "", "Abc"}, {'a', 13, "", "def"}}, "a:Abcdef"},
  {"no SYN, held back", {{'a', 13, "", "def"}, {'a', 10, "", "Abc"}}, "a:?Abcdef"},
  {"no SYN, held back for a time",
   {{'a', 13, "", "def"}, {'a', 16, "", "ghi", 0, 30}},
   "a:?defghi"},
  {"no SYN, early octets",
   {{'a', 13, "", "Def"}, {'a', 10, "", "Abc"}, {'a', 10, "", "Abc"}, {'a', 16, "", "ghi"}},
   "a:Def<Abc>ghi"},
  {"no SYN, early octets overlap",
   {{'a', 13, "", "Def"}, {'a', 10, "", "AbcXXXghi"}},
   "a:Def<Abc>ghi"},
  {"no SYN, first one octet",
   {{'a', 12, "", "x"}, {'a', 13, "", "Def"}, {'a', 16, "", "g", 0, 30}},
   "a:??xDefg"},
  {"no SYN, but an ACK",
   {{'b', 100, "A", NULL, 10}, {'a', 13, "", "def"}, {'a', 10, "", "abc"}},
   "a:abcdef"},
  {"no SYN, and a strange ACK", {{'b', 100, "A", NULL, 0x70000000}, {'a', 10, "", "Abc"}}, "a:Abc"},
  {"hole waits", {{'a', 9, "S"}, {'a', 13, "", "def"}, {'b', 1, "", "X", 0, 900}}, "b:X"},
  {"hole is given up",
   {{'a', 9, "S"}, {'a', 13, "", "def"}, {'b', 1, "", "X", 0, 1000}},
   "a:[3]def b:X"},
  {"one octet after FIN", {{'a', 9, "S"}, {'a', 10, "F", "abc"}, {'a', 13, "", "d"}}, "a:abc."},
  {"two octets after FIN",
   {{'a', 9, "S"}, {'a', 10, "F", "abc"}, {'a', 13, "", "de"}},
   "a:abc. b:. a:de"},
  {"no SYN, but an ACK, as far before as one may be",
   {{'b', 100, "A", NULL, 10}, {'a', 10 + LATE_SYN_MAX, "", "def"}},
   ""},
  {"no SYN, and an ACK further before",
   {{'b', 100, "A", NULL, 10}, {'a', 11 + LATE_SYN_MAX, "", "def"}},
   "a:?"},
  {"hole waits to the last millisecond",
   {{'a', 9, "S"}, {'a', 13, "", "def"}, {'b', 1, "", "X", 0, 998}},
   "b:X"},
  {"hole is given up at the millisecond",
   {{'a', 9, "S"}, {'a', 13, "", "def"}, {'b', 1, "", "X", 0, 999}},
   "a:[3]def b:X"},
  {"hole is given up, its segment comes later",
   {{'a', 9, "S"},
    {'a', 13, "", "def"},
    {'a', 16, "", "g", 0, 1000},
    {'a', 10, "", "abc"},
    {'a', 17, "", "h"}},
   "a:[3]defgh"},
  {"two holes are given up",
   {{'a', 9, "S"}, {'a', 13, "", "d"}, {'a', 16, "", "g"}, {'a', 17, "", "h", 0, 1000}},
   "a:[3]d[2]gh"},
  {"hole was acknowledged",
   {{'a', 9, "S"},
    {'a', 13, "", "def"},
    {'b', 1, "A", NULL, 16},
    {'b', 1, "A", NULL, 16, 50},
    {'b', 1, "A", NULL, 16, 60}},
   "a:[3]def"},
  {"hole was acknowledged, then filled",
   {{'a', 9, "S"}, {'a', 13, "", "def"}, {'b', 1, "A", NULL, 16}, {'a', 10, "", "abc", 0, 50}},
   "a:abcdef"},
  {"hole was acknowledged in part",
   {{'a', 9, "S"}, {'a', 13, "", "def"}, {'b', 1, "A", NULL, 12}, {'b', 1, "A", NULL, 12, 200}},
   ""},
  {"snap length",
   {{'a', 9, "S"}, {'a', 10, "C", "abc"}, {'a', 16, "C", "ghi"}, {'a', 20, "", "k"}},
   "a:abc[3]ghi[1]k"},
  {"snap length, sent again whole",
   {{'a', 9, "S"}, {'a', 10, "C", "abc"}, {'a', 10, "", "abcdef"}, {'a', 16, "", "g"}},
   "a:abcdefg"},
  {"FIN after a hole that the peer does not have",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 16, "F"}, {'b', 1, "", "X", 0, 1000}},
   "a:abc b:X"},
  {"FIN after a hole",
   {{'a', 9, "S"},
    {'a', 10, "", "abc"},
    {'a', 16, "F"},
    {'b', 1, "A", "X", 17},
    {'b', 2, "", "Y", 0, 100}},
   "a:abc b:X a:[3]. b:Y"},
};

/* What would silence a connection that lives: a receiver takes none of it. */
static const struct {
  const char *name;
  Segment segments[SEGMENTS];
  const char *events;
  unsigned ignored;
} LIVING[] = {
  {"RST ahead",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 14, "R"}, {'a', 13, "", "d"}},
   "a:abcd",
   1},
  {"RST below",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 12, "R"}, {'a', 13, "", "d"}},
   "a:abcd",
   1},
  {"far RST",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 0x40000000, "R"}, {'a', 13, "", "d"}},
   "a:abcd",
   1},
  {"RST of a side that was silent",
   {{'a', 10, "A", "Abc", 100}, {'b', 101, "R"}, {'b', 101, "RA", NULL, 13}, {'b', 100, "R"}},
   "a:Abc b:. a:.",
   2},
  {"RST after what the capture has",
   {{'a', 9, "S"}, {'a', 13, "", "def"}, {'a', 16, "R"}},
   "a:[3]def. b:.",
   0},
  {"RST at what the peer asks for",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'b', 100, "A", NULL, 16}, {'a', 16, "R"}},
   "a:abc. b:.",
   0},
  {"RST after FIN",
   {{'a', 9, "S"}, {'b', 99, "SA", NULL, 10}, {'a', 10, "FA", "abc", 100}, {'a', 14, "R"}},
   "a:abc. b:.",
   0},
  {"RST, and both go on",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "", "abc"},
    {'a', 13, "R"},
    {'a', 13, "", "def", 0, 60000},
    {'b', 100, "A", "xyz", 16}},
   "a:abc. b:. a:def b:xyz",
   1},
  {"wrong checksums",
   {{'a', 9, "SG"},
    {'a', 10, "G", "abc"},
    {'a', 13, "RX"},
    {'a', 13, "FX"},
    {'a', 499, "SX"},
    {'a', 500, "X", "uvw"},
    {'a', 13, "G", "def"}},
   "a:abcdef",
   4},
  {"checksums that are never right",
   {{'a', 9, "SX"}, {'a', 10, "X", "abc"}, {'a', 13, "FX", "def"}},
   "a:abcdef.",
   0},
  {"checksums that the peer does not mind",
   {{'a', 9, "SX"},
    {'b', 99, "SAG", NULL, 10},
    {'a', 10, "AG", NULL, 100},
    {'a', 10, "AX", "abc", 100},
    {'a', 13, "FAX", NULL, 100},
    {'b', 100, "AG", NULL, 14}},
   "a:abc.",
   0},
  {"damaged, then good",
   {{'a', 9, "SG"}, {'a', 10, "X", "XXX"}, {'a', 13, "G", "d"}, {'a', 10, "G", "abc"}},
   "a:abcd",
   1},
  {"good, then damaged",
   {{'a', 9, "SG"},
    {'a', 11, "G", "b"},
    {'a', 10, "X", "XXX"},
    {'a', 10, "G", "a"},
    {'a', 12, "G", "c"}},
   "a:abc",
   1},
  {"damaged, but acknowledged",
   {{'a', 9, "SG"}, {'a', 10, "X", "abc"}, {'b', 100, "A", "X", 13}, {'a', 13, "X", "def"}},
   "a:abc b:X a:def",
   1},
  {"damaged, and never sent again",
   {{'a', 9, "SG"}, {'a', 10, "X", "abc"}, {'b', 100, "", "X", 0, 1000}, {'a', 13, "X", "def"}},
   "a:abc b:X a:def",
   1},
  {"SYN that nobody answers",
   {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 499, "S"}, {'a', 13, "", "def"}},
   "a:abcdef",
   1},
  {"SYN that is challenged",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "A", "abc", 100},
    {'a', 499, "S"},
    {'b', 100, "A", NULL, 13},
    {'a', 13, "A", "def", 100}},
   "a:abcdef",
   1},
  {"SYN that is challenged, and RST in answer to that",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "A", "abc", 100},
    {'a', 499, "S"},
    {'b', 100, "A", NULL, 13},
    {'a', 13, "R"},
    {'a', 499, "S"},
    {'a', 500, "", "xyz"}},
   "a:abc. b:. a:xyz",
   1},
  {"SYN that is answered",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "A", "abc", 100},
    {'a', 499, "S"},
    {'b', 799, "SA", NULL, 500},
    {'b', 800, "A", "uvw", 500},
    {'a', 500, "A", "xyz", 803}},
   "a:abc. b:.uvw a:xyz",
   0},
  {"SYN-ACK of other numbers",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "A", "abc", 100},
    {'b', 799, "SA", NULL, 500},
    {'b', 100, "A", "xyz", 13}},
   "a:abc b:xyz",
   1},
  {"SYN-ACK whose SYN was not captured",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "A", "abc", 100},
    {'b', 799, "SA", NULL, 500},
    {'a', 500, "A", "xyz", 800}},
   "a:abc. b:. a:xyz",
   0},
  {"SYN captured late", {{'a', 10, "", "Abc"}, {'a', 9, "S"}, {'a', 13, "", "def"}}, "a:Abcdef", 0},
  {"SYN in octets that came", {{'a', 10, "", "Abc"}, {'a', 10, "S"}}, "a:Abc", 1},
  {"SYN captured late, as far before as one may be",
   {{'a', 10 + LATE_SYN_MAX, "", "Abc"}, {'a', 9, "S"}},
   "a:Abc",
   0},
  {"SYN further before", {{'a', 11 + LATE_SYN_MAX, "", "Abc"}, {'a', 9, "S"}}, "a:Abc", 1},
  {"SYN as far before an ACK as one may be",
   {{'b', 1, "A", NULL, 10 + LATE_SYN_MAX}, {'a', 9, "S"}, {'a', 10, "", "abc"}},
   "a:abc",
   0},
  {"SYN further before an ACK", {{'b', 1, "A", NULL, 11 + LATE_SYN_MAX}, {'a', 9, "S"}}, "", 1},
  {"ACK that is old, as far back as one may be",
   {{'a', 9, "S"},
    {'b', 1, "A", NULL, 10 + LATE_SYN_MAX},
    {'b', 1, "A", NULL, 11},
    {'a', 10 + LATE_SYN_MAX, "R"}},
   "a:. b:.",
   0},
  {"ACK further back counts",
   {{'a', 9, "S"},
    {'b', 1, "A", NULL, 10 + LATE_SYN_MAX},
    {'b', 1, "A", NULL, 10},
    {'a', 10 + LATE_SYN_MAX, "R"}},
   "",
   1},
  {"FIN sent again",
   {{'a', 9, "S"},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "FA", "abc", 100},
    {'a', 13, "FA", NULL, 100}},
   "a:abc",
   0},
  {"wrong checksum of bytes that the peer takes",
   {{'a', 9, "S"},
    {'a', 10, "AX", "abc", 100},
    {'b', 99, "SA", NULL, 13},
    {'a', 13, "G", "d"},
    {'a', 14, "RX"}},
   "a:abcd. b:.",
   0},
  {"wrong checksum of an empty segment says nothing",
   {{'a', 9, "S"},
    {'a', 10, "AX", NULL, 100},
    {'b', 99, "SA", NULL, 10},
    {'a', 10, "G", "abc"},
    {'a', 13, "RX"},
    {'a', 13, "G", "def"}},
   "a:abcdef",
   1},
  {"damaged, and good before it",
   {{'a', 9, "SG"}, {'a', 13, "X", "def"}, {'a', 10, "G", "abc"}, {'b', 1, "", "X", 0, 1000}},
   "a:abcdef b:X",
   1},
  {"damaged, and good after it",
   {{'a', 9, "SG"}, {'a', 10, "X", "abc"}, {'a', 13, "G", "def"}, {'b', 1, "", "X", 0, 1000}},
   "a:abcdef b:X",
   1},
  {"SYN in a connection captured from the middle",
   {{'a', 10, "", "Abc"}, {'a', 70000, "S"}, {'a', 13, "", "def"}, {'a', 70001, "", "xyz"}},
   "a:Abcdef. b:. a:xyz",
   0},
};

static void test_cases(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(TcpTable) table = tcp_table_new(LIMITS);
    g_autoptr(GString) out = g_string_new(CASES[i].name);
    g_autofree char *expected = g_strdup_printf("%s = %s", CASES[i].name, CASES[i].events);
    Packet last = {.frame = 0};
    char side = 0;

    g_string_set_size(out, 0);
    play(table, CASES[i].segments, &last, out, &side);
    g_autofree char *actual = g_strdup_printf("%s = %s", CASES[i].name, out->str);
    assert_string_equal(actual, expected);
  }
}

static void test_living(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(LIVING); i++) {
    g_autoptr(TcpTable) table = tcp_table_new(LIMITS);
    g_autoptr(GString) out = g_string_new("");
    Packet last = {.frame = 0};
    char side = 0;

    play(table, LIVING[i].segments, &last, out, &side);
    g_autofree char *expected =
      g_strdup_printf("%s = %s, %u", LIVING[i].name, LIVING[i].events, LIVING[i].ignored);
    g_autofree char *actual = g_strdup_printf("%s = %s, %u", LIVING[i].name, out->str,
                                              (unsigned) tcp_ignored_segments(table));
    assert_string_equal(actual, expected);
  }
}

/* Right, wrong, or left to the card: no sum, or that of the pseudo header. */
static void test_checksum(void **state)
{
  /* [2001:db8::1]:5060 to [2001:db8::2]:5061, 3 bytes */
  static const uint8_t V6[] = {0x13, 0xc4, 0x13, 0xc5, 0,    0,    0, 7, 0,   0,   0,  9,
                               0x50, 0x18, 0xfa, 0xf0, 0x6d, 0x68, 0, 0, 'a', 'b', 'c'};
  static const uint8_t PREFIX[] = {0x20, 0x01, 0x0d, 0xb8};
  static const struct {
    uint16_t sum;
    Checksum checksum;
  } SUMS[] = {{0x6d68, CHECKSUM_GOOD},    {0x6d69, CHECKSUM_WRONG},   {0, CHECKSUM_UNKNOWN},
              {0x5b7b, CHECKSUM_UNKNOWN}, {0x5b92, CHECKSUM_UNKNOWN}, {0x5b93, CHECKSUM_WRONG}};
  g_autofree char *block = exact_copy(V6, sizeof V6);
  Packet packet = {.src.family = ADDRESS_IPV6,
                   .dst.family = ADDRESS_IPV6,
                   .tcp_header = 20,
                   .payload = slice_of(block + 20, 3)};

  (void) state;
  memcpy(packet.src.address, PREFIX, sizeof PREFIX);
  memcpy(packet.dst.address, PREFIX, sizeof PREFIX);
  packet.src.address[15] = 1;
  packet.dst.address[15] = 2;
  for (size_t i = 0; i < G_N_ELEMENTS(SUMS); i++) {
    block[16] = (char) (SUMS[i].sum >> 8);
    block[17] = (char) SUMS[i].sum;
    assert_int_equal(packet_tcp_checksum(&packet), SUMS[i].checksum);
  }
  packet.cut = true;
  assert_int_equal(packet_tcp_checksum(&packet), CHECKSUM_UNKNOWN);
}

/* A connection that a second tap captured later is not told again; a new one is. */
static void test_captured_again(void **state)
{
  static const Segment SENT[] = {{'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 13, "R"}};
  static const struct {
    uint16_t ip_id; /* of the second SYN; the first has 7 */
    const char *events;
  } AGAIN[] = {{7, "a:abc. b:."}, {8, "a:abc. b:. a:abc. b:."}, {0, "a:abc. b:. a:abc. b:."}};

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(AGAIN); i++) {
    g_autoptr(TcpTable) table = tcp_table_new(LIMITS);
    g_autoptr(GString) out = g_string_new("");
    Packet last = {.frame = 0};
    char side = 0;
    for (size_t at = 0; at < 2 * G_N_ELEMENTS(SENT); at++) {
      last = test_segment(&SENT[at % G_N_ELEMENTS(SENT)], &last);
      last.ip_id = at < G_N_ELEMENTS(SENT) ? 7 : AGAIN[i].ip_id;
      tcp_feed(table, &last);
      pull(table, out, &side);
      free_segment(&last);
    }
    assert_string_equal(out->str, AGAIN[i].events);
  }
}

/* What is left when the capture ends: gaps where nothing came, the end once a stream. */
static void test_end(void **state)
{
  static const Segment SEGMENTS_LEFT[] = {
    {'a', 9, "S"}, {'a', 10, "", "abc"}, {'a', 16, "", "ghi"}, {'a', 20, "", "k"}, {0}};
  g_autoptr(TcpTable) table = tcp_table_new(LIMITS);
  g_autoptr(GString) out = g_string_new("");
  Packet last = {.frame = 0};
  char side = 0;

  (void) state;
  play(table, SEGMENTS_LEFT, &last, out, &side);
  assert_string_equal(out->str, "a:abc");
  assert_true(tcp_waiting_bytes(table) >= 4);
  tcp_expire(table, last.time_ns + 999999999 - 1000000);
  pull(table, out, &side);
  assert_string_equal(out->str, "a:abc");
  tcp_expire(table, last.time_ns + 1000000000);
  pull(table, out, &side);
  assert_string_equal(out->str, "a:abc[3]ghi[1]k");
  assert_int_equal(tcp_waiting_bytes(table), 0);
  tcp_expire(table, INT64_MAX);
  pull(table, out, &side);
  assert_string_equal(out->str, "a:abc[3]ghi[1]k. b:.");
}

/* A clock that was wrong for one packet costs no hole more than its wait. */
static void test_clock(void **state)
{
  static const Segment SEGMENTS_WRONG[] = {{'a', 9, "S"},
                                           {'b', 1, "", "X", 0, INT64_C(4000000000000)},
                                           {'b', 2, "", "y", 0, -INT64_C(4000000000000)},
                                           {'a', 13, "", "def"},
                                           {'a', 10, "", "abc"},
                                           {0}};
  g_autoptr(TcpTable) table = tcp_table_new(LIMITS);
  g_autoptr(GString) out = g_string_new("");
  Packet last = {.frame = 0, .time_ns = 1000000000};
  char side = 0;

  (void) state;
  play(table, SEGMENTS_WRONG, &last, out, &side);
  assert_string_equal(out->str, "b:Xy a:abcdef");
}

/* Frame and time are those of the packet that made the octets available. */
static void test_stamps(void **state)
{
  static const Segment SEGMENTS_LATE[] = {
    {'a', 9, "S"}, {'a', 13, "", "def"}, {'a', 10, "", "abc"}, {0}};
  g_autoptr(TcpTable) table = tcp_table_new(LIMITS);
  Packet last = {.frame = 0};
  TcpEvent event;

  (void) state;
  for (const Segment *segment = SEGMENTS_LATE; segment->from; segment++) {
    last = test_segment(segment, &last);
    tcp_feed(table, &last);
    if (last.frame == 3)
      break;
    assert_false(tcp_next(table, &event));
    free_segment(&last);
  }
  assert_true(tcp_next(table, &event));
  assert_true(event.from_packet && event.in_frame);
  assert_int_equal(event.ref, 30000);
  assert_int_equal(event.frame, 3);
  assert_true(tcp_next(table, &event));
  assert_true(!event.from_packet && event.in_frame);
  assert_slice(event.octets, "def");
  assert_int_equal(event.ref, 20000);
  assert_int_equal(event.frame, 3);
  assert_int_equal(event.time_ns, 3000000);
  assert_false(tcp_next(table, &event));
  free_segment(&last);
}

/* Only so much waits behind a hole, and in all. */
static void test_waiting_is_bounded(void **state)
{
  static const struct {
    size_t bytes, streams, most;
  } BOUNDS[] = {{1 << 30, 1, 300 << 10}, {100 << 10, 5, 110 << 10}};
  g_autofree char *block = g_malloc0(1001);

  (void) state;
  memset(block, 'x', 1000);
  for (size_t i = 0; i < G_N_ELEMENTS(BOUNDS); i++) {
    g_autoptr(TcpTable) table = tcp_table_new((TcpLimits){10, BOUNDS[i].bytes, 1000000000});
    Packet last = {.frame = 0};
    uint64_t gaps = 0;
    for (uint32_t n = 0; n < 600; n++) {
      bool first = n < BOUNDS[i].streams;
      uint32_t nth = n / (uint32_t) BOUNDS[i].streams;
      Segment segment = {'a', first ? 9 : 20 + nth * 1000, first ? "S" : "", first ? "" : block};
      TcpEvent event;
      last.time_ns = 0; /* no time passes */
      last = test_segment(&segment, &last);
      last.tunnel = n % (uint32_t) BOUNDS[i].streams;
      tcp_feed(table, &last);
      while (tcp_next(table, &event))
        gaps += event.kind == TCP_GAP;
      assert_true(tcp_waiting_bytes(table) < BOUNDS[i].most);
      free_segment(&last);
    }
    assert_int_equal(gaps, BOUNDS[i].streams);
  }
}

/* What one piece that waits costs beside its bytes. */
static size_t piece_cost(void)
{
  static const Segment ONE[] = {{'a', 9, "S"}, {'a', 13, "", "d"}, {0}};
  g_autoptr(TcpTable) table = tcp_table_new(LIMITS);
  g_autoptr(GString) out = g_string_new("");
  Packet last = {.frame = 0};
  char side = 0;

  play(table, ONE, &last, out, &side);
  return tcp_waiting_bytes(table) - 1;
}

/* Exactly as much as may wait does, behind one hole and in all; with one byte more it is given. */
static void test_waiting_limits(void **state)
{
  enum { IN_ALL = 1000 };
  static const struct {
    size_t in_all, most;
  } BOUNDS[] = {{1 << 30, WAITING_MAX}, {IN_ALL, IN_ALL}};
  size_t cost = piece_cost();

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(BOUNDS); i++)
    for (size_t more = 0; more <= 1; more++) {
      g_autoptr(TcpTable) table = tcp_table_new((TcpLimits){10, BOUNDS[i].in_all, 1000000000});
      g_autoptr(GString) out = g_string_new("");
      g_autofree char *data = g_strnfill(BOUNDS[i].most - cost + more, 'x');
      Packet last = {.frame = 0};
      char side = 0;
      play(table, (Segment[]){{'a', 9, "S"}, {'a', 13, "", data}, {0}}, &last, out, &side);
      if (more == 0)
        assert_int_equal(tcp_waiting_bytes(table), BOUNDS[i].most);
      assert_int_equal(g_str_has_prefix(out->str, "a:[3]x"), more);
    }
}

/* Segments of connections that are named by a tunnel each: those that end, in order. */
static void feed_tunnels(TcpTable *table, const uint32_t *tunnels, GString *ended)
{
  Packet last = {.frame = 0};

  for (uint32_t n = 0; tunnels[n] != 0; n++) {
    Segment segment = {'a', 10 + n, "", "A"};
    TcpEvent event;
    last = test_segment(&segment, &last);
    last.tunnel = tunnels[n];
    tcp_feed(table, &last);
    while (tcp_next(table, &event))
      if (event.kind == TCP_END && event.stream->src.address[3] == 'a')
        g_string_append_printf(ended, "%u ", event.stream->tunnel);
    free_segment(&last);
  }
}

/* At the limit the connection that was silent longest is ended. */
static void test_connections_are_bounded(void **state)
{
  static const uint32_t TUNNELS[] = {1, 2, 3, 1, 4, 5, 1, 6, 7, 8, 1, 9, 0};
  g_autoptr(TcpTable) table = tcp_table_new((TcpLimits){3, 1 << 20, 1000000000});
  g_autoptr(GString) ended = g_string_new("");

  (void) state;
  feed_tunnels(table, TUNNELS, ended);
  assert_string_equal(ended->str, "2 3 4 5 1 6 7 ");
  assert_true(tcp_end_oldest(table) && tcp_end_oldest(table) && tcp_end_oldest(table));
  assert_false(tcp_end_oldest(table));
}

/* Of the newest quarter it is not noticed which was used last: 7 stays before 8, but 6 moves. */
static void test_newest_quarter_stays(void **state)
{
  static const uint32_t TUNNELS[] = {1, 2, 3, 4, 5, 6, 7, 8, 7, 6, 9, 10, 11, 12, 13, 14, 0};
  g_autoptr(TcpTable) table = tcp_table_new((TcpLimits){8, 1 << 20, 1000000000});
  g_autoptr(GString) ended = g_string_new("");

  (void) state;
  feed_tunnels(table, TUNNELS, ended);
  assert_string_equal(ended->str, "1 2 3 4 5 7 ");
}

/* Any order, borders, copies: what was sent comes once. */
static void test_disorder(void **state)
{
  enum { LEN = 400, ROUNDS = 300 };
  char sent[LEN + 1] = {0};

  (void) state;
  for (size_t i = 0; i < LEN; i++)
    sent[i] = (char) ('a' + i * 7 % 26);
  for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
    g_autoptr(TcpTable) table = tcp_table_new(LIMITS);
    g_autoptr(GString) out = g_string_new("");
    uint64_t random = seed;
    uint32_t isn = (uint32_t) (0 - test_random(&random, LEN * 2));
    Packet last = {.frame = 0};
    char side = 0;

    play(table, (Segment[]){{'a', isn, "S"}, {0}}, &last, out, &side);
    for (uint32_t sent_to = 0; sent_to < LEN;) {
      uint32_t at = test_random(&random, LEN), len = 1 + test_random(&random, 60);
      if (test_random(&random, 3) == 0) {
        at = sent_to;
        sent_to = MIN(sent_to + len, (uint32_t) LEN);
      }
      g_autofree char *data = g_strndup(sent + at, len);
      play(table, (Segment[]){{'a', isn + 1 + at, "", data}, {0}}, &last, out, &side);
    }
    play(table, (Segment[]){{'a', isn + 1 + LEN, "F"}, {0}}, &last, out, &side);
    g_autofree char *expected = g_strdup_printf("a:%s.", sent);
    assert_string_equal(out->str, expected);
    assert_int_equal(tcp_waiting_bytes(table), 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_cases),
    cmocka_unit_test(test_living),
    cmocka_unit_test(test_checksum),
    cmocka_unit_test(test_captured_again),
    cmocka_unit_test(test_end),
    cmocka_unit_test(test_clock),
    cmocka_unit_test(test_stamps),
    cmocka_unit_test(test_waiting_is_bounded),
    cmocka_unit_test(test_waiting_limits),
    cmocka_unit_test(test_connections_are_bounded),
    cmocka_unit_test(test_newest_quarter_stays),
    cmocka_unit_test(test_disorder),
  };

  return cmocka_run_group_tests_name("tcp", tests, NULL, NULL);
}
