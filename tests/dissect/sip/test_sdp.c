/*
 * Session descriptions as text: a line for the session, then one for each media description:
 *
 *   NAME ORIGIN-ADDRESS CONNECTION DIRECTION
 *   TYPE PORT/COUNT PROTOCOL CONNECTION DIRECTION rtcp=PORT[@ADDRESS|mux] ptime=N: CODECS
 *
 * CONNECTION is ADDRESS/TTL/COUNT, a codec is FORMAT=NAME/RATE/CHANNELS[(FMTP)]; absent is "-".
 */
#include "tests/test.h"

#include "dissect/sip/sdp.h"

static void append(GString *to, Slice s)
{
  if (s.data)
    g_string_append_len(to, s.data, (gssize) s.len);
  else
    g_string_append_c(to, '-');
}

static void append_connection(GString *to, const SdpConnection *c)
{
  g_string_append_c(to, ' ');
  append(to, c->address);
  if (c->ttl != 0 || c->count != 1)
    g_string_append_printf(to, "/%u/%u", c->ttl, c->count);
}

static void append_codec(GString *to, const SdpCodec *codec)
{
  g_string_append_c(to, ' ');
  append(to, codec->format);
  g_string_append_c(to, '=');
  append(to, codec->name);
  if (codec->is_payload_type)
    g_string_append_printf(to, "/%u/%u", codec->clock_rate, codec->channels);
  if (codec->fmtp.data) {
    g_string_append_c(to, '(');
    append(to, codec->fmtp);
    g_string_append_c(to, ')');
  }
}

static void append_media(GString *to, const SdpMedia *media)
{
  SdpCodecIter codecs = sdp_codecs(media);
  SdpCodec codec;

  append(to, media->type);
  g_string_append_printf(to, " %u/%u ", media->port, media->port_count);
  append(to, media->protocol);
  append_connection(to, &media->connection);
  g_string_append_printf(to, " %s", sdp_direction_name(media->direction));
  if (media->rtcp_port != 0)
    g_string_append_printf(to, " rtcp=%u", media->rtcp_port);
  if (media->rtcp_connection.address.data) {
    g_string_append_c(to, '@');
    append(to, media->rtcp_connection.address);
  }
  g_string_append(to, media->rtcp_mux ? " mux" : "");
  g_string_append(to, media->refused ? " refused" : "");
  if (media->ptime != 0)
    g_string_append_printf(to, " ptime=%u", media->ptime);
  g_string_append_c(to, ':');
  while (sdp_codec_next(&codecs, &codec))
    append_codec(to, &codec);
  g_string_append_c(to, '\n');
}

/* NULL when it is no session description. */
static char *sdp_to_text(Slice octets)
{
  GString *text = g_string_new(NULL);
  SdpMedia media;
  Sdp sdp;

  if (!sdp_parse(octets, &sdp)) {
    g_string_free(text, true);
    return NULL;
  }
  append(text, sdp.name);
  g_string_append_c(text, ' ');
  append(text, sdp.origin.address);
  append_connection(text, &sdp.connection);
  g_string_append_printf(text, " %s\n", sdp_direction_name(sdp.direction));
  for (Slice rest = sdp.media; sdp_media_next(&sdp, &rest, &media);)
    append_media(text, &media);
  return g_string_free(text, false);
}

static const struct {
  const char *name, *sdp, *text;
} CASES[] = {
  {"ordinary",
   "v=0\r\no=alice 1 2 IN IP4 192.0.2.1\r\ns=Talk\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
   "m=audio 20000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
   "a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n",
   "Talk 192.0.2.1 192.0.2.10 sendrecv\n"
   "audio 20000/1 RTP/AVP 192.0.2.10 sendrecv ptime=20: 0=PCMU/8000/1 8=PCMA/8000/1 "
   "101=telephone-event/8000/1(0-15)\n"},
  {"media overrides session, LF only, any order",
   "m=video 6000/2 RTP/SAVPF 34\na=inactive\nc=IN IP4 192.0.2.2\nm=audio 7000 RTP/AVP 18\n",
   "- - - sendrecv\n"
   "video 6000/2 RTP/SAVPF 192.0.2.2 inactive: 34=H263/90000/1\n"
   "audio 7000/1 RTP/AVP - sendrecv: 18=G729/8000/1\n"},
  {"direction of the session, refused and bundled media",
   "v=0\r\na=recvonly\r\nc=IN IP6 2001:db8::1\r\nm=audio 0 RTP/AVP 0\r\na=SendOnly\r\n"
   "a=inactive\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=bundle-only\r\na=rtcp-mux\r\n"
   "a=rtpmap:96 VP8/90000\r\n",
   "- - 2001:db8::1 recvonly\n"
   "audio 0/1 RTP/AVP 2001:db8::1 sendonly refused: 0=PCMU/8000/1\n"
   "video 0/1 UDP/TLS/RTP/SAVPF 2001:db8::1 recvonly mux: 96=VP8/90000/1\n"},
  {"multicast",
   "v=0\nc=IN IP4 224.2.36.42/127/3\nm=audio 1 RTP/AVP 10\nc=IN IP6 FF15::101/3\n"
   "m=audio 2 RTP/AVP 5\nc=IN IP4 224.2.1.1/16\nm=audio 3 RTP/AVP 14\nc=IN IP6 [2001:db8::7]\n",
   "- - 224.2.36.42/127/3 sendrecv\n"
   "audio 1/1 RTP/AVP FF15::101/0/3 sendrecv: 10=L16/44100/2\n"
   "audio 2/1 RTP/AVP 224.2.1.1/16/1 sendrecv: 5=DVI4/8000/1\n"
   "audio 3/1 RTP/AVP 2001:db8::7 sendrecv: 14=MPA/90000/1\n"},
  {"rtcp and its address",
   "v=0\nm=audio 4 RTP/AVP 111\na=rtcp:53020 IN IP6 2001:db8::9\na=rtpmap:111 opus/48000/2\n"
   "a=fmtp:111 minptime=10; useinbandfec=1\nm=audio 5 RTP/AVP 3\na=rtcp:53022\n",
   "- - - sendrecv\n"
   "audio 4/1 RTP/AVP - sendrecv rtcp=53020@2001:db8::9: "
   "111=opus/48000/2(minptime=10; useinbandfec=1)\n"
   "audio 5/1 RTP/AVP - sendrecv rtcp=53022: 3=GSM/8000/1\n"},
  {"formats that are no payload types",
   "v=0\nm=image 8000 udptl t38\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\n"
   "m=audio 9 RTP/AVP 128 35 -1 0008\n",
   "- - - sendrecv\n"
   "image 8000/1 udptl - sendrecv: t38=t38\n"
   "application 9/1 UDP/DTLS/SCTP - sendrecv: webrtc-datachannel=webrtc-datachannel\n"
   "audio 9/1 RTP/AVP - sendrecv: 128=128 35=-/0/1 -1=-1 0008=PCMA/8000/1\n"},
  {"GB/T 28181",
   "v=0\r\no=34020000001320000001 0 0 IN IP4 192.0.2.3\r\ns=Play\r\nc=IN IP4 192.0.2.3\r\n"
   "t=0 0\r\nm=video 30000 TCP/RTP/AVP 96\r\na=rtpmap:96 PS/90000\r\na=recvonly\r\n"
   "y=0100000001\r\nf=v/2/6/25/1/4000a/1/8/1\r\n",
   "Play 192.0.2.3 192.0.2.3 sendrecv\n"
   "video 30000/1 TCP/RTP/AVP 192.0.2.3 recvonly: 96=PS/90000/1\n"},
  {"a static payload type that is mapped anew",
   "v=0\nm=audio 4 RTP/AVP 8 0\na=rtpmap:8 X-Own/16000\na=rtpmap:8 other/1\na=rtpmap:0\n"
   "a=rtpmap:0 late/1\n",
   "- - - sendrecv\naudio 4/1 RTP/AVP - sendrecv: 8=X-Own/16000/1 0=PCMU/8000/1\n"},
  {"first of its kind counts, blanks around",
   " v = 0 \ns= one \ns=two\nc=IN IP4 192.0.2.1\nc=IN IP4 192.0.2.2\nm= audio  4\tRTP/AVP   0 \n"
   "c=IN IP4 192.0.2.3\nc=IN IP4 192.0.2.4\na=ptime: 20.5\na = ptime:30\n",
   "one - 192.0.2.1 sendrecv\n"
   "audio 4/1 RTP/AVP 192.0.2.3 sendrecv ptime=20: 0=PCMU/8000/1\n"},
  {"broken lines",
   "v=0\nnonsense\n=\nc c=IN IP4 192.0.2.1\nm=\na=\na=rtpmap:\na=rtcp:\nm=audio 99999 RTP/AVP\n"
   "m=audio 4/0 x 0\nc=IN\nc=IN IP4 192.0.2.1\n",
   "- - - sendrecv\n- 0/1 - - sendrecv refused:\naudio 0/1 RTP/AVP - sendrecv refused:\n"
   "audio 4/0 x - sendrecv: 0=PCMU/8000/1\n"},
  {"no session description", "o=a 1 1 IN IP4 192.0.2.1\ns=x\n", NULL},
  {"nothing", "", NULL},
};

static void test_parse(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    Slice octets = exact_slice(slice_from_string(CASES[i].sdp));
    g_autofree char *text = sdp_to_text(octets);

    if (!CASES[i].text)
      assert_null(text);
    else if (!text || strcmp(text, CASES[i].text) != 0)
      fail_msg("%s:\n%s", CASES[i].name, text ? text : "(none)");
    g_free((void *) (uintptr_t) octets.data);
  }
}

/* What was read of the beginning stays as it was: whole lines say the same when more follow. */
static void test_cut(void **state)
{
  (void) state;
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    for (size_t len = 0; len < strlen(CASES[i].sdp); len++) {
      Slice octets = slice_of(exact_copy(CASES[i].sdp, len), len);
      g_autofree char *text = sdp_to_text(octets);
      unsigned media = 0, kept = 0;

      for (size_t at = 0; at + 1 < len; at++)
        media += CASES[i].sdp[at] == 'm' && CASES[i].sdp[at + 1] == '=' &&
                 (at == 0 || CASES[i].sdp[at - 1] == '\n');
      for (const char *c = text; c && *c; c++)
        kept += *c == '\n';
      assert_int_equal(kept, text ? media + 1 : 0);
      g_free((void *) (uintptr_t) octets.data);
    }
}

static void test_lines(void **state)
{
  Slice rest = SLICE("v=0\r\n\r\nk=clear:x\nwhat?\na=tool:y\nb=AS:64\na=lang:en");
  SdpLine line;
  SdpAttribute attribute;
  Sdp sdp;

  (void) state;
  assert_true(sdp_parse(rest, &sdp));
  assert_slice(sdp.key, "clear:x");
  assert_slice(sdp.bandwidth, "AS:64");
  for (size_t i = 0; i < 3; i++)
    assert_true(sdp_line_next(&rest, &line));
  assert_int_equal(line.type, 0);
  assert_slice(line.value, "what?");
  assert_true(sdp_attribute_next(&rest, &attribute));
  assert_slice(attribute.name, "tool");
  assert_slice(attribute.value, "y");
  assert_true(sdp_attribute_next(&rest, &attribute));
  assert_false(sdp_attribute_next(&rest, &attribute));
  assert_false(sdp_line_next(&rest, &line));
}

static void test_origin(void **state)
{
  Sdp sdp;

  (void) state;
  assert_true(sdp_parse(SLICE("v=0\no=- 20518 7 IN IP6 2001:db8::1\nu=http://x\ne=e\np=+1\nt=1 2\n"
                              "r=7d\nz=0\ni=info\n"),
                        &sdp));
  assert_slice(sdp.origin.user, "-");
  assert_slice(sdp.origin.session_id, "20518");
  assert_slice(sdp.origin.session_version, "7");
  assert_slice(sdp.origin.net_type, "IN");
  assert_slice(sdp.origin.address_type, "IP6");
  assert_slice(sdp.origin.address, "2001:db8::1");
  assert_slice(sdp.uri, "http://x");
  assert_slice(sdp.email, "e");
  assert_slice(sdp.phone, "+1");
  assert_slice(sdp.timing, "1 2");
  assert_slice(sdp.repeat, "7d");
  assert_slice(sdp.zone, "0");
  assert_slice(sdp.information, "info");
}

static void test_static_types(void **state)
{
  (void) state;
  assert_string_equal(sdp_static_name(0), "PCMU");
  assert_int_equal(sdp_static_rate(9), 8000); /* G722: RFC 3551 4.5.2 */
  assert_int_equal(sdp_static_rate(11), 44100);
  assert_int_equal(sdp_static_rate(34), 90000);
  assert_null(sdp_static_name(1));
  assert_int_equal(sdp_static_rate(35), 0);
  assert_null(sdp_static_name(255));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_parse),        cmocka_unit_test(test_cut),
    cmocka_unit_test(test_lines),        cmocka_unit_test(test_origin),
    cmocka_unit_test(test_static_types),
  };

  return cmocka_run_group_tests_name("sdp", tests, NULL, NULL);
}
