/* Messages with much in them, for the tests of what shows one. */
#pragma once

#include "dissect/sip/sip_msg.h"
#include "tests/test.h"

#define REQUEST_TEXT                                                                               \
  "INVITE sips:%61lice:secret@[2001:db8::9]:5061;transport=tls;lr?Subject=hello%20you SIP/2.0\r\n" \
  "v: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKabc;rport, SIP/2.0/UDP 10.0.0.2 ;branch = "          \
  "z9hG4bK1\r\n"                                                                                   \
  "Max-Forwards: 70\r\n"                                                                           \
  "f: \"A. \\\"Al\\\" Lice\" <sip:alice@example.com>;tag=a1\r\n"                                   \
  "To: Bob\r\n\t<sip:bob@example.com;user=phone>\r\n"                                              \
  "i: 1@10.0.0.1\r\n"                                                                              \
  "CSeq: 0007 INVITE\r\n"                                                                          \
  "m: <sip:alice@10.0.0.1:5061>;expires=60, <tel:+1-201-555-0123;phone-context=x>\r\n"             \
  "Route: <sip:p1.example.com;lr>,<sip:p2.example.com;lr>\r\n"                                     \
  "Authorization: Digest username=\"alice\", realm=\"a \\\"b\\\"\", nc=00000001, qop=auth\r\n"     \
  "Session-Expires: 1800;refresher=uac\r\n"                                                        \
  "Supported: timer, 100rel\r\n"                                                                   \
  "X-Note: caf\xC3\xA9 \x1B[31m red\r\n"

#define SDP_TEXT                                                                                   \
  "v=0\r\n"                                                                                        \
  "o=alice 2890844526 2890844527 IN IP4 10.0.0.1\r\n"                                              \
  "s=-\r\n"                                                                                        \
  "c=IN IP4 10.0.0.1\r\n"                                                                          \
  "t=0 0\r\n"                                                                                      \
  "a=group:BUNDLE a v\r\n"                                                                         \
  "m=audio 49170/2 RTP/SAVP 0 8 97 101\r\n"                                                        \
  "a=rtpmap:97 opus/48000/2\r\n"                                                                   \
  "a=rtpmap:101 telephone-event/8000\r\n"                                                          \
  "a=fmtp:101 0-16\r\n"                                                                            \
  "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkg|2^20|1:4 UNENCRYPTED_SRTP\r\n"   \
  "a=candidate:1 1 UDP 2130706431 10.0.0.1 8998 typ host\r\n"                                      \
  "a=sendonly\r\n"                                                                                 \
  "m=video 0 RTP/AVP 31\r\n"                                                                       \
  "m=image 5000 udptl t38\r\n"                                                                     \
  "c=IN IP6 2001:db8::5\r\n"

typedef struct {
  const char *name;
  const char *text;
} MessageCase;

static const MessageCase MESSAGE_CASES[] = {
  {"request", REQUEST_TEXT "Content-Type: application/sdp\r\n\r\n" SDP_TEXT},
  {"multipart",
   "INVITE sip:bob@example.com SIP/2.0\r\n"
   "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2\r\n"
   "Max-Forwards: 70\r\n"
   "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n"
   "Call-ID: 2\r\nCSeq: 1 INVITE\r\nContact: <sip:a@10.0.0.1>\r\n"
   "Content-Type: multipart/mixed; boundary=\"b 1\"\r\n\r\n"
   "before\r\n"
   "--b 1\r\n"
   "Content-Type: application/sdp\r\n\r\n"
   "v=0\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n"
   "--b 1\r\n"
   "Content-Type: multipart/alternative;boundary=in\r\n\r\n"
   "--in\r\n\r\nplain words\r\n"
   "--in\r\nContent-Type: application/isup;version=itu-t92+\r\n"
   "Content-Disposition: signal;handling=optional\r\n\r\n"
   "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17"
   "\x18\x19\x1A\r\n"
   "--in--\r\n"
   "--b 1\r\nContent-Type: message/sipfrag\r\n\r\nSIP/2.0 100 Trying\r\nCSeq: 1 INVITE\r\n"
   "--b 1--\r\n"},
  {"manscdp",
   "MESSAGE sip:34020000002000000001@3402000000 SIP/2.0\r\n"
   "Via: SIP/2.0/UDP 192.168.0.64:5060;rport;branch=z9hG4bK759035473\r\n"
   "From: <sip:34020000001320000002@3402000000>;tag=417631013\r\n"
   "To: <sip:34020000002000000001@3402000000>\r\n"
   "Call-ID: 438658409\r\nCSeq: 20 MESSAGE\r\nMax-Forwards: 70\r\n"
   "Content-Type: Application/MANSCDP+xml\r\n\r\n"
   "<?xml version=\"1.0\"?>\r\n<!-- a list -->\r\n"
   "<Response>\r\n<CmdType>Catalog</CmdType>\r\n<SN>17</SN>\r\n"
   "<DeviceList Num=\"1\" x='2' y>\r\n<Item><DeviceID>34020000001310000001</DeviceID>\r\n"
   "<Name/>mixed<Status>ON</Status></Item>\r\n</DeviceList>\r\n</Response></Unopened>rest"},
  {"response", "SIP/2.0 486 Busy Here\r\n"
               "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2;received=10.0.0.9, broken\r\n"
               "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>;tag=2\r\n"
               "Call-ID: 2\r\nCSeq: 1 INVITE\r\nContact: *\r\n"
               "a line without a colon\r\n"
               "Warning: 399 example.com \"no, not now\"\r\n"
               "RAck: 1 2 INVITE\r\n"
               "Content-Length: 3\r\nContent-Type: text/plain\r\n\r\nbusy and more"},
  /* "Front door" in GB 2312, a character of four bytes, and an invalid one. */
  {"gb2312", "MESSAGE sip:1@2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK2\r\n"
             "From: <sip:3@2>;tag=1\r\nTo: <sip:1@2>\r\nCall-ID: 2\r\nCSeq: 3 MESSAGE\r\n"
             "Max-Forwards: 70\r\nContent-Type: Application/MANSCDP+xml\r\n\r\n"
             "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Item>\r\n"
             "<Name>\xC7\xB0\xC3\xC5 1</Name>\r\n<Owner>\x81\x30\x84\x36</Owner>\r\n"
             "<Bad>\xC7</Bad>\r\n</Item>\r\n"},
  {"dtmf", "INFO sip:b@10.0.0.2 SIP/2.0\nVia: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK2\n"
           "From: <sip:a@example.com>;tag=1\nTo: <sip:b@example.com>;tag=2\n"
           "Call-ID: 2\nCSeq: 3 INFO\nMax-Forwards: 70\n"
           "Content-Type: application/dtmf-relay\n\nSignal=5\r\nDuration=160\r\n\r\n"},
};

/* In a block of its exact size, of which *ret_msg is made; freed with g_free. */
static inline char *parse_text(const char *text, size_t len, SipMsg *ret_msg)
{
  char *octets = exact_copy(text, len);

  if (sip_msg_parse(slice_of(octets, len), false, ret_msg) == SIP_OK)
    return octets;
  g_free(octets);
  return NULL;
}
