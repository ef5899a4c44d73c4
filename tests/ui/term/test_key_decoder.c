#include "tests/test.h"

#include "ui/term/key_input.h"

/* Names of the keys with a blank between them; mouse events as "action@x,y". */
static void append_event(GString *to, const KeyEvent *event)
{
  static const char *const ACTIONS[] = {
    [MOUSE_CLICK] = "click",     [MOUSE_DOUBLE_CLICK] = "double", [MOUSE_RIGHT_CLICK] = "right",
    [MOUSE_WHEEL_UP] = "up",     [MOUSE_WHEEL_DOWN] = "down",     [MOUSE_DRAG] = "drag",
    [MOUSE_RELEASE] = "release",
  };
  char name[KEY_NAME_MAX];

  if (to->len > 0)
    g_string_append_c(to, ' ');
  if (event->code == KEY_CODE_MOUSE)
    g_string_append_printf(to, "%s@%d,%d", ACTIONS[event->mouse], event->x, event->y);
  else
    g_string_append(to, key_to_name(event->code, name));
}

static void append_keys(GString *to, KeyDecoder *decoder)
{
  KeyEvent event;

  while (key_decoder_next(decoder, &event))
    append_event(to, &event);
}

static void append_rest(GString *to, KeyDecoder *decoder)
{
  KeyEvent event;

  while (key_decoder_give_up(decoder, &event))
    append_event(to, &event);
  assert_int_equal(key_decoder_wait_ms(decoder), -1);
}

/* At once, octet by octet, and with a key behind it. */
static void check_keys(Slice octets, const char *expected)
{
  g_autoptr(KeyDecoder) whole = key_decoder_new(), pieces = key_decoder_new();
  g_autoptr(GString) at_once = g_string_new(NULL), in_pieces = g_string_new(NULL);
  Slice exact = exact_slice(octets);

  key_decoder_add(whole, exact);
  append_keys(at_once, whole);
  for (size_t i = 0; i < exact.len; i++) {
    key_decoder_add(pieces, slice_of(exact.data + i, 1));
    append_keys(in_pieces, pieces);
  }
  assert_string_equal(at_once->str, expected);
  assert_string_equal(in_pieces->str, expected);
  assert_int_equal(key_decoder_wait_ms(whole), -1);

  key_decoder_add(whole, SLICE("#"));
  append_keys(at_once, whole);
  assert_true(g_str_has_suffix(at_once->str, "#"));
  g_free((char *) (uintptr_t) exact.data);
}

static void test_keys(void **state)
{
  const struct {
    Slice octets;
    const char *keys;
  } CASES[] = {
    {SLICE("aZ-"), "a Z -"},
    {SLICE(" \r\n\t"), "Space Enter Enter Tab"},
    {SLICE("\x7F\b"), "Backspace Backspace"},
    {SLICE("\0\x01\x1A\x1D\x1F"), "C-Space C-a C-z C-] C-_"},
    {SLICE("\x1C"), ""}, /* C-\ */
    {SLICE("\xC3\xA9\xE4\xBD\xA0\xF0\x9F\x93\x9E"), "\xC3\xA9 \xE4\xBD\xA0 \xF0\x9F\x93\x9E"},
    {SLICE("a\xFF"
           "b\x80"
           "c"),
     "a b c"},
    {SLICE("\xC2\x9B"), ""}, /* a control of ISO 8859 */
    /* Alt */
    {SLICE("\033x\033X\033\x06\033\r"), "A-x A-X C-A-f A-Enter"},
    {SLICE("\033\xC3\xA9"), "A-\xC3\xA9"},
    {SLICE("\033\033[A\033\033OB"), "A-Up A-Down"},
    {SLICE("\033\033x"), "Esc A-x"},
    /* cursor keys in both modes */
    {SLICE("\033[A\033[B\033[C\033[D"), "Up Down Right Left"},
    {SLICE("\033OA\033OB\033OC\033OD"), "Up Down Right Left"},
    {SLICE("\033[H\033[F\033OH\033OF"), "Home End Home End"},
    {SLICE("\033[1~\033[4~\033[7~\033[8~"), "Home End Home End"},
    {SLICE("\033[2~\033[3~\033[5~\033[6~"), "Ins Del PgUp PgDn"},
    {SLICE("\033[Z"), "S-Tab"},
    /* function keys */
    {SLICE("\033OP\033OQ\033OR\033OS"), "F1 F2 F3 F4"},
    {SLICE("\033[11~\033[12~\033[13~\033[14~\033[15~"), "F1 F2 F3 F4 F5"},
    {SLICE("\033[17~\033[18~\033[19~\033[20~\033[21~\033[23~\033[24~"), "F6 F7 F8 F9 F10 F11 F12"},
    {SLICE("\033[[A\033[[B\033[[C\033[[D\033[[E"), "F1 F2 F3 F4 F5"},
    {SLICE("\033[[Z"), ""},
    /* modifiers */
    {SLICE("\033[1;5A\033[1;2H\033[1;3F\033[1;8D"), "C-Up S-Home A-End C-A-S-Left"},
    {SLICE("\033[3;5~\033[5;2~\033[15;3~"), "C-Del S-PgUp A-F5"},
    {SLICE("\033[1;2P\033O5Q\033O1;2R"), "S-F1 C-F2 S-F3"},
    {SLICE("\033[a\033Oa\033[3^\033[7$\033[8@"), "S-Up C-Up C-Del S-Home C-S-End"},
    {SLICE("\033[97;5u\033[97;2u\033[13;2u\033[27;5;105~"), "C-a A S-Enter Tab"},
    {SLICE("\033[97:65;5:1u"), "C-a"},
    {SLICE("\033[1;9A"), "A-Up"},
    /* the numeric pad in application mode */
    {SLICE("\033Ow\033Ox\033Oy\033Oq\033OM\033Ok"), "Home Up PgUp End Enter +"},
    /* what means no key */
    {SLICE("\033[I\033[200~\033[201~\033[?1;2c\033[>0;10;1c\033[12;40R\033[99~\033Oz"), ""},
    {SLICE("\033[?2026;2$y\033[1;1000000A"), "Up"},
    {SLICE("\033[1\033[B"), "Down"}, /* cut short by another */
    {SLICE("\033[1\nx"), "Enter x"},
    /* the mouse: SGR, X10, rxvt */
    {SLICE("\033[<0;1;1M\033[<0;1;1m"), "click@0,0 release@0,0"},
    {SLICE("\033[<0;9;1M\033[<32;12;1M\033[<36;13;2M\033[<0;13;2m"),
     "click@8,0 drag@11,0 drag@12,1 release@12,1"},
    {SLICE("\033[<34;12;1M\033[<35;12;1M\033[<0;0;2m\033[<0;13m"), ""},
    {SLICE("\033[<2;300;20M\033[<64;5;6M\033[<65;5;6M"), "right@299,19 up@4,5 down@4,5"},
    {SLICE("\033[<4;3;3M\033[<1;3;3M\033[<33;3;3M\033[<66;3;3M"), "click@2,2"},
    {SLICE("\033[<0;0;1M\033[<0;1M\033[<0;99999;1M"), ""},
    {SLICE("\033[M !!\033[M#!!\033[M`\xFF~"), "click@0,0 release@0,0 up@222,93"},
    {SLICE("\033[M@!!"), "drag@0,0"},
    {SLICE("\033[M   \033[M\x01\x02\x03"), ""},
    {SLICE("\033[32;7;8M\033[64;9;8M\033[35;9;8M"), "click@6,7 drag@8,7 release@8,7"},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    check_keys(CASES[i].octets, CASES[i].keys);
}

static void test_give_up(void **state)
{
  const struct {
    Slice octets;
    const char *keys;
    int wait_ms;
  } CASES[] = {
    {SLICE(""), "", -1},
    {SLICE("x"), "x", -1},
    {SLICE("\033"), "Esc", 25},
    {SLICE("x\033"), "x Esc", 25},
    {SLICE("\033\033"), "Esc Esc", 25},
    {SLICE("\033["), "A-[", 250},
    {SLICE("\033O"), "A-O", 250},
    {SLICE("\033[1;"), "", 250},
    {SLICE("\033[M  "), "", 250},
    {SLICE("\033[["), "", 250},
    {SLICE("\xE4\xBD"), "", 250},
    {SLICE("\033\xE4\xBD"), "", 250},
    {SLICE("\033\xC3"), "", 250},
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(KeyDecoder) decoder = key_decoder_new();
    g_autoptr(GString) keys = g_string_new(NULL);

    key_decoder_add(decoder, CASES[i].octets);
    append_keys(keys, decoder);
    assert_int_equal(key_decoder_wait_ms(decoder), CASES[i].wait_ms);
    append_rest(keys, decoder);
    assert_string_equal(keys->str, CASES[i].keys);
  }
}

/* Nothing of a sequence ever acts as a character that was typed, wherever it is cut. */
static void test_cuts_type_nothing(void **state)
{
  const Slice SEQUENCES[] = {
    SLICE("\033[24;5~"),     SLICE("\033[<64;10;20M"), SLICE("\033[?1;2c"), SLICE("\033O1;5P"),
    SLICE("\033[27;5;105~"), SLICE("\033\033[1;3D"),   SLICE("\033[M abc"),
  };

  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(SEQUENCES); i++)
    for (size_t len = 1; len < SEQUENCES[i].len; len++) {
      g_autoptr(KeyDecoder) decoder = key_decoder_new();
      KeyEvent event;

      key_decoder_add(decoder, slice_head(SEQUENCES[i], len));
      while (key_decoder_give_up(decoder, &event))
        assert_false(key_is_text(event.code));
    }
}

static void test_endless_sequence(void **state)
{
  g_autoptr(KeyDecoder) decoder = key_decoder_new();
  g_autoptr(GString) keys = g_string_new(NULL);

  (void) state;
  key_decoder_add(decoder, SLICE("\033["));
  for (unsigned i = 0; i < 100; i++)
    key_decoder_add(decoder, SLICE("1;"));
  append_keys(keys, decoder);
  assert_true(keys->len > 0); /* it was given up, and the rest is typed */
  assert_int_equal(key_decoder_wait_ms(decoder), -1);
}

static void test_learned(void **state)
{
  g_autoptr(KeyDecoder) decoder = key_decoder_new();
  g_autoptr(GString) keys = g_string_new(NULL);

  (void) state;
  key_decoder_learn(decoder, SLICE("\033[224z"), KEY_CODE_F1);
  key_decoder_learn(decoder, SLICE("\033Q"), KEY_CODE_F1 + 1);
  key_decoder_learn(decoder, SLICE("\033"), KEY_CODE_UP);
  key_decoder_learn(decoder, SLICE("q"), KEY_CODE_UP);
  key_decoder_learn(decoder, SLICE("\033[12345678901234567890~"), KEY_CODE_UP);
  for (unsigned i = 0; i < 1000; i++)
    key_decoder_learn(decoder, SLICE("\033[225z"), KEY_CODE_F1 + 2);
  key_decoder_add(decoder, SLICE("\033[224z\033Qq\033[A\033[225z"));
  append_keys(keys, decoder);
  assert_string_equal(keys->str, "F1 F2 q Up F3");
}

/* Any octets give keys that have names, and all are taken in the end. */
static void test_any_octets(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(7);

  (void) state;
  for (unsigned round = 0; round < 20000; round++) {
    static const char LIKELY[] = "\033\033[O<;159MmAa~$\xC3\xA9 ?";
    g_autoptr(KeyDecoder) decoder = key_decoder_new();
    g_autoptr(GString) keys = g_string_new(NULL);
    unsigned count = (unsigned) g_rand_int_range(random, 1, 12);

    for (unsigned i = 0; i < count; i++) {
      bool likely = g_rand_boolean(random);
      char octet = likely ? LIKELY[g_rand_int_range(random, 0, sizeof LIKELY - 1)]
                          : (char) g_rand_int_range(random, 0, 256);

      key_decoder_add(decoder, slice_of(&octet, 1));
      append_keys(keys, decoder);
    }
    append_rest(keys, decoder);
    assert_true(g_utf8_validate(keys->str, -1, NULL));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_keys),
    cmocka_unit_test(test_give_up),
    cmocka_unit_test(test_cuts_type_nothing),
    cmocka_unit_test(test_endless_sequence),
    cmocka_unit_test(test_learned),
    cmocka_unit_test(test_any_octets),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
