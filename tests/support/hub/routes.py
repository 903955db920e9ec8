"""Every address of the Hub and the function that answers it; the first that fits wins."""

from . import managing, reading, uploading
from .hub import Route

REPO = r"/api/(?P<kind>models|datasets|spaces)/(?P<name>[^/]+/[^/]+)"
PLACE = r"/(?:(?P<kind>datasets|spaces)/)?(?P<name>[^/]+/[^/]+)"
REVISION = r"(?P<revision>refs/(?:pr|convert)/[^/]+|[^/]+)"
FILE = r"(?P<path>.+)"

ROUTES: list[Route] = [
    ("GET", "/api/whoami-v2", managing.whoami),
    ("POST", "/api/validate-yaml", managing.validate_yaml),
    ("POST", "/api/repos/create", managing.create),
    ("POST", "/api/collections", managing.create_collection),
    ("GET", "/api/collections/(?P<slug>[^/]+/[^/]+)", managing.collection_details),
    ("POST", "/api/collections/(?P<slug>[^/]+/[^/]+)/items", managing.add_item),
    ("GET", f"{REPO}/auth-check(?P<write>/write)?", managing.auth_check),
    ("POST", f"{REPO}/branch/{REVISION}", managing.branch),
    ("POST", f"{REPO}/tag/{REVISION}", managing.tag),
    ("DELETE", f"{REPO}/tag/{REVISION}", managing.untag),
    ("GET", REPO, reading.information),
    ("GET", f"{REPO}/revision/{REVISION}", reading.information),
    ("GET", f"{REPO}/tree/{REVISION}(?:/{FILE})?", reading.tree),
    ("POST", f"{REPO}/paths-info/{REVISION}", reading.paths_info),
    ("GET", f"{REPO}/refs", reading.refs),
    ("GET", f"{REPO}/commits/{REVISION}", reading.commits),
    ("GET HEAD", f"{PLACE}/(?:resolve|raw)/{REVISION}/{FILE}", reading.resolve),
    ("GET HEAD", "/large/(?P<kind>[^/]+)/(?P<name>[^/]+/[^/]+)/(?P<oid>[0-9a-f]+)", reading.large),
    ("POST", f"{REPO}/preupload/{REVISION}", uploading.preupload),
    ("POST", rf"{PLACE}\.git/info/lfs/objects/batch", uploading.batch),
    ("PUT", "/upload/(?P<ticket>[0-9a-f]+)", uploading.upload),
    ("POST", "/upload/(?P<ticket>[0-9a-f]+)", uploading.verify),
    ("POST", f"{REPO}/commit/{REVISION}", uploading.commit),
]
