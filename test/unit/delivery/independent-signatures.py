"""Checks outbound signatures as the scripts of publishers do, with nothing of this system: reads [{recipe, url, headers, body}] and answers [text]."""

import base64
import hashlib
import hmac
import json
import sys
from urllib.parse import parse_qsl, quote_plus, urlsplit

SECRET = "s3cret"


def digest(name, text):
    return hashlib.new(name, text.encode()).hexdigest()


def keyed(name, text):
    return hmac.new(SECRET.encode(), text.encode(), name)


def php(text):
    """PHP's urlencode, which http_build_query uses."""
    return quote_plus(text).replace("~", "%7E")


def timewall(url, q, headers, body):
    return digest("sha256", q["userID"] + q["revenue"] + SECRET), q["hash"]


def lootably(url, q, headers, body):
    return digest("sha256", q["userID"] + q["ip"] + q["revenue"] + q["currencyReward"] + SECRET), q["hash"]


def tapjoy(url, q, headers, body):
    return digest("md5", ":".join([q["id"], q["snuid"], q["currency"], SECRET])), q["verifier"]


def cpx(url, q, headers, body):
    return digest("md5", q["trans_id"] + "-" + SECRET), q["hash"]


def pubscale(url, q, headers, body):
    return digest("md5", ".".join([SECRET, q["user_id"], q["value"].split(".")[0], q["token"]])), q["signature"]


def bitlabs(url, q, headers, body):
    return keyed("sha1", url[: url.rindex("&hash=")]).hexdigest(), q["hash"]


def theoremreach(url, q, headers, body):
    raw = keyed("sha1", url[: url.rindex("&hash=")]).digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("="), q["hash"]


def pollfish(url, q, headers, body):
    values = [value for name, value in sorted(q.items()) if name != "signature"]
    return base64.b64encode(keyed("sha1", ":".join(values)).digest()).decode(), q["signature"]


def ayet(url, q, headers, body):
    text = "&".join(php(name) + "=" + php(value) for name, value in sorted(q.items()))
    return keyed("sha256", text).hexdigest(), headers["x-ayetstudios-security-hash"]


def unity_ads(url, q, headers, body):
    text = ",".join(name + "=" + value for name, value in sorted(q.items()) if name != "hmac")
    return keyed("md5", text).hexdigest(), q["hmac"]


def adgem_v3(url, q, headers, body):
    return keyed("sha256", body).hexdigest(), headers["signature"]


def kiwiwall(url, q, headers, body):
    form = dict(parse_qsl(body, keep_blank_values=True))
    return digest("md5", form["user_id"] + ":" + form["points"] + ":" + SECRET), form["signature"]


recipes = {f.__name__: f for f in [timewall, lootably, tapjoy, cpx, pubscale, bitlabs, theoremreach, pollfish, ayet, unity_ads, adgem_v3, kiwiwall]}
answers = []
for request in json.load(sys.stdin):
    query = dict(parse_qsl(urlsplit(request["url"]).query, keep_blank_values=True))
    expected, received = recipes[request["recipe"]](request["url"], query, request["headers"], request["body"])
    answers.append({"recipe": request["recipe"], "good": hmac.compare_digest(expected, received) and received != ""})
json.dump(answers, sys.stdout)
