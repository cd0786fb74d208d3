"""GStreamer's ONVIF server with a backchannel; run by the system's Python, which has its bindings.

    python3 gst_onvif.py FOLDER USER:PASSWORD

Prints its port, then writes what each session hears to FOLDER/001.ulaw, 002.ulaw, ...
"""

import itertools
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402  # the versions come first

# Nobody sets up what the camera itself has to say. Linked to nothing, its source would fail, and
# now and then take the pipeline along before the part that takes our sound has started.
THERE = (
    "( audiotestsrc is-live=true wave=silence ! audio/x-raw,rate=8000,channels=1 ! mulawenc "
    "! tee allow-not-linked=true ! rtppcmupay name=pay0 pt=0 )"
)
BACK = (
    '( capsfilter name=depay_backchannel caps="application/x-rtp, media=audio, payload=0, '
    'clock-rate=8000, encoding-name=PCMU" ! rtppcmudepay '
    "! filesink name=out async=false sync=false buffer-mode=2 location=/dev/null )"
)
DIGEST = 2


def main(folder: str, login: str) -> None:
    """Serve until killed."""
    Gst.init(None)
    number = itertools.count(1)
    server = GstRtspServer.RTSPOnvifServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPOnvifMediaFactory.new()
    factory.set_launch(THERE)
    factory.set_backchannel_launch(BACK)
    factory.set_media_gtype(GstRtspServer.RTSPOnvifMedia)

    def configured(_, media) -> None:
        out = media.get_element().get_by_name("out")
        out.set_property("location", f"{folder}/{next(number):03}.ulaw")

    factory.connect("media-configure", configured)
    user, _, password = login.partition(":")
    auth = GstRtspServer.RTSPAuth.new()
    auth.set_supported_methods(DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "talker")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    rights = GstRtspServer.RTSPPermissions.new()
    rights.add_permission_for_role("talker", "media.factory.access", True)
    rights.add_permission_for_role("talker", "media.factory.construct", True)
    factory.set_permissions(rights)
    server.get_mount_points().add_factory("/stream", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
