"""The one door to Gradio, behind which nothing phones home.

Importing this module imports gradio (seconds): do it late. Gradio reads its switches while it is
imported, so they are set here, before. What a user has set stands, except for the analytics.
"""

import os

SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
}
for _name, _value in SWITCHES.items():
    os.environ.setdefault(_name, _value)
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr  # noqa: E402

__all__ = ["SWITCHES", "gr"]
