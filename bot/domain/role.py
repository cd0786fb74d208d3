"""What people are on a site."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """From the least to the most rights; the auditor sees everything and acts on nothing."""

    VIEWER = "viewer"
    AUDITOR = "auditor"
    COMMUNITY_WORKER = "community_worker"
    SITE_LEAD = "site_lead"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
