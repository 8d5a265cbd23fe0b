"""What the environment says: where the data lives and how the service is reached."""

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=None, extra="ignore", populate_by_name=True)

    database_url: str | None = Field(None, validation_alias="DATABASE_URL")
    # A streaming replica of that database, for the KPIs.
    read_url: str | None = Field(None, validation_alias="DATABASE_READ_URL")
    home: Path = Field(Path(".cadran"), validation_alias="CADRAN_HOME")
    host: str = Field("127.0.0.1", validation_alias="HOST")
    port: int = Field(8000, validation_alias="PORT", ge=1, le=65535)
    # Browser origins besides our own that may call the API with a session (the SPA built as a static site).
    allowed_origins: str = Field("", validation_alias="CADRAN_ALLOWED_ORIGINS")
    secure_cookies: bool = Field(False, validation_alias="CADRAN_SECURE_COOKIES")
    # Requests a minute of one API key, in each process.
    rate_limit: int = Field(3000, validation_alias="CADRAN_RATE_LIMIT", ge=1)
    # Whether `cadran serve` also works on jobs (webhooks, imports); else `cadran work` does, elsewhere.
    work: bool = Field(True, validation_alias="CADRAN_WORK")
    # For development and tests only: webhooks to http and to internal addresses.
    webhook_internal: bool = Field(False, validation_alias="CADRAN_WEBHOOK_INTERNAL")
    # Seconds an attempt may last, and before the second one.
    webhook_timeout: float = Field(10.0, validation_alias="CADRAN_WEBHOOK_TIMEOUT", gt=0, le=60)
    webhook_first_retry: float = Field(5.0, validation_alias="CADRAN_WEBHOOK_FIRST_RETRY", gt=0, le=3600)
    # Digests by e-mail: off without a mail server. The address is the one people open Cadran at, for the links.
    smtp_host: str = Field("", validation_alias="CADRAN_SMTP_HOST")
    smtp_port: int = Field(587, validation_alias="CADRAN_SMTP_PORT", ge=1, le=65535)
    smtp_user: str = Field("", validation_alias="CADRAN_SMTP_USER")
    smtp_password: str = Field("", validation_alias="CADRAN_SMTP_PASSWORD")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", validation_alias="CADRAN_SMTP_TLS")
    smtp_from: str = Field("cadran@localhost", validation_alias="CADRAN_SMTP_FROM")
    public_url: str = Field("", validation_alias="CADRAN_PUBLIC_URL")
    digest_hour: int = Field(7, validation_alias="CADRAN_DIGEST_HOUR", ge=0, le=18)
    pool_size: int = Field(10, validation_alias="CADRAN_POOL_SIZE", ge=1, le=200)

    @field_validator("database_url", "read_url")
    @classmethod
    def _asyncpg(cls, url: str | None) -> str | None:
        """People write postgres:// or postgresql://; SQLAlchemy 2.1 must be told the driver."""
        for scheme in ("postgres://", "postgresql://"):
            if url and url.startswith(scheme):
                return "postgresql+asyncpg://" + url.removeprefix(scheme)
        return url or None

    @property
    def url(self) -> str:
        """Where people open Cadran, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(origin.strip().rstrip("/") for origin in self.allowed_origins.split(",") if origin.strip())
