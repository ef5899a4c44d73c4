/* Values of Identity (RFC 8224) in a MessageTree: the PASSporT, and whether it is what it says. */
#include "capture/language.h"
#include "dissect/sip/passport.h"
#include "dissect/sip/sip_values.h"
#include "ui/show/tree_build.h"

/* RFC 8224 5.2.2: how old a PASSporT may be. */
enum { FRESH_S = 60 };

static const char *attest_text(Slice attest)
{
  static const struct {
    const char *attest, *text;
  } TEXTS[] = {
    {"A", N_("full: the provider knows the caller and the right to the number")},
    {"B", N_("partial: the provider knows the caller, not the right to the number")},
    {"C", N_("gateway: the provider only knows where the call came in")},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++)
    if (slice_eq(attest, slice_from_string(TEXTS[i].attest)))
      return _(TEXTS[i].text);
  return NULL;
}

/* "12 s before Date, 12 s before the capture time" */
static void append_apart(GString *to, int64_t apart_s, const char *what)
{
  char text[TIME_TEXT_MAX];

  duration_format(MIN(ABS(apart_s), INT64_MAX / SECOND_NS) * SECOND_NS, text);
  g_string_append(to, to->len > 0 ? _(", ") : "");
  if (apart_s == 0)
    g_string_append_printf(to, _("same as %s"), what);
  else
    g_string_append_printf(to, apart_s < 0 ? _("%s before %s") : _("%s after %s"), text, what);
}

static void put_iat(TreeBuilder *tree, const Passport *passport)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(passport->iat_s);
  g_autofree char *shown = time ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S UTC") : NULL;
  g_autoptr(GString) note = g_string_new(NULL);
  bool is_stale = false;
  SipHeaderRow date;
  int64_t date_s;

  if (tree->sip && sip_msg_find(tree->sip, SIP_HEADER_DATE, &date) &&
      sip_date_parse(date.value, &date_s)) {
    append_apart(note, passport->iat_s - date_s, "Date");
    is_stale = ABS(passport->iat_s - date_s) > FRESH_S;
  }
  if (tree->time_ns != TIME_NONE) {
    int64_t apart_s = passport->iat_s - tree->time_ns / SECOND_NS;
    append_apart(note, apart_s, _("the capture time"));
    is_stale |= ABS(apart_s) > FRESH_S;
  }
  tree_put(tree, &(TreeItem){.name = SLICE("iat"),
                             .value = tree_format(tree, "%" G_GINT64_FORMAT "%s%s", passport->iat_s,
                                                  shown ? ", " : "", shown ? shown : ""),
                             .note = arena_dup(tree->arena, slice_of(note->str, note->len)),
                             .kind = TREE_PART,
                             .style = is_stale ? STYLE_WARNING : STYLE_PLAIN});
}

static void put_claims(TreeBuilder *tree, const Passport *passport)
{
  tree_put_part(tree, "alg", passport->alg);
  tree_put_part(tree, "typ", passport->typ);
  tree_put_part(tree, "ppt", passport->ppt);
  tree_put_part(tree, "x5u", passport->x5u);
  if (passport->attest.data)
    tree_put(tree, &(TreeItem){.name = SLICE("attest"),
                               .value = passport->attest,
                               .note = slice_from_string(attest_text(passport->attest)),
                               .kind = TREE_PART,
                               .style = STYLE_SDP});
  tree_put_part(tree, "orig", passport->orig);
  for (unsigned i = 0; i < passport->dest_count; i++)
    tree_put_part(tree, "dest", passport->dest[i]);
  tree_put_part(tree, "div", passport->div);
  if (passport->has_iat)
    put_iat(tree, passport);
  tree_put_part(tree, "origid", passport->origid);
}

static void put_verdict(TreeBuilder *tree, const Passport *passport)
{
  SignatureVerdict verdict = verifier_check_passport(tree->verifier, passport);
  static const Style STYLES[] = {
    [SIGNATURE_UNREADABLE] = STYLE_WARNING,  [SIGNATURE_VALID] = STYLE_SDP,
    [SIGNATURE_EXPIRED] = STYLE_ERROR,       [SIGNATURE_INVALID] = STYLE_ERROR,
    [SIGNATURE_NO_CERTIFICATE] = STYLE_HINT,
  };

  if (verdict.state == SIGNATURE_NOT_CHECKED)
    return;
  Slice note = SLICE_NONE;
  if (verdict.state == SIGNATURE_NO_CERTIFICATE)
    note = slice_from_string(_("none of the given ones made it"));
  else if (verdict.certificate)
    note = tree_format(tree, "certificate of %s%s", verdict.certificate,
                       verdict.is_guessed ? _(", but x5u may mean another") : "");
  tree_put(tree, &(TreeItem){.name = slice_from_string(_("signature")),
                             .value = slice_from_string(_(signature_state_name(verdict.state))),
                             .note = note,
                             .kind = TREE_PART,
                             .style = STYLES[verdict.state]});
}

void tree_put_identity(TreeBuilder *tree, Slice value)
{
  Passport passport;

  if (!tree->sip)
    return;
  passport_parse(tree->arena, tree->sip, value, &passport);
  tree_put(tree, &(TreeItem){.name = SLICE("form"),
                             .value = passport.is_compact ? SLICE("compact") : SLICE("full"),
                             .kind = TREE_PART});
  if (passport.fault)
    tree_put(tree, &(TreeItem){.name = SLICE("fault"),
                               .value = slice_from_string(passport.fault),
                               .kind = TREE_PART,
                               .style = STYLE_WARNING});
  put_claims(tree, &passport);
  put_verdict(tree, &passport);
  tree_put_params(tree, passport.params, TREE_PARAM);
}
