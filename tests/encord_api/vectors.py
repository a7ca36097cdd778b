"""Two requests that the SDK sent, with the key's public half; both were captured byte by byte."""

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPjQKb8qMshAjoqVylHFvfn95sWXaK79BeOcp2+8AB3x"
KEY_ID = "f8d029bf2a32c8408e8a95ca51c5bdf9fde6c59768aefd05e39ca76fbc001df1"
CREATED = 1795347645

_PARAMETERS = (
    'encord-sig=("@method" "@request-target" "content-digest")'
    f';created={CREATED};keyid="{KEY_ID}";alg="ed25519"'
)

GET_TARGET = "/v2/public/storage/items/11111111-2222-4333-8444-555555555555?signUrl=False"
GET_HEADERS = {
    "Content-Digest": "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
    "Signature-Input": _PARAMETERS,
    "Signature": "encord-sig=:KN11DqG4r9D/0ySTUMnkQZtzrxcNmo/zOpNG6OIucPSaPXZ1"
    "6lNdYTfFtuwhjnoFiVPcu2SqJ4i3TfCEkDvyCA==:",
}

PATCH_TARGET = "/v2/public/storage/items/patch-bulk"
PATCH_BODY = (
    b'{"itemPatches": {"11111111-2222-4333-8444-555555555555": '
    b'{"clientMetadata": {"my-embedding": [0.1, -0.25], "note": "\\u00e9"}}}}'
)
PATCH_HEADERS = {
    "Content-Digest": "sha-256=:B/Au2dOWRBSGHOgpPoVyvdmjFfygiiDVp5tA8ujZMbI=:",
    "Signature-Input": _PARAMETERS,
    "Signature": "encord-sig=:7MzZY1IPl5Z3z4MZ2gANnk4U+PHrShlRMLrfAq0Sot5lh3oI"
    "+xXzPtj1xZPHMDjAeNEN/ftuma0y603kXkhvAg==:",
}

LEGACY_BODY = (
    b'{"query_type": "project", "query_method": "POST", "values": {"uid": null, "payload": '
    b'{"title": "t", "description": "", "dataset_hashes": [], "workflow_type": "manual"}}}'
)
LEGACY_AUTHORIZATION = (
    f"{KEY_ID}:8de753d3c09f9c68efa3e1d4823d24c9b4df5afbf12fef5c5ebcbb73dbe2409e"
    "d356fc1632f8d7849658041a26b22f353175dc678171ed161bfb4d8c3e9c890f"
)
