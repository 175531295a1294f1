CREATE TABLE "accounts" (
	"protocol" text NOT NULL,
	"account" text NOT NULL,
	"sequence" bigint NOT NULL,
	"cash_wad" numeric(78, 0) NOT NULL,
	"positions" jsonb NOT NULL,
	"content_hash" text NOT NULL,
	"market_time" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "accounts_protocol_account_pk" PRIMARY KEY("protocol","account")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"protocol" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"response" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_protocol_key_pk" PRIMARY KEY("protocol","key")
);
--> statement-breakpoint
CREATE TABLE "buffer_schedules" (
	"asset" text NOT NULL,
	"horizon_hours" integer NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"schedule" jsonb NOT NULL,
	CONSTRAINT "buffer_schedules_asset_horizon_hours_pk" PRIMARY KEY("asset","horizon_hours")
);
--> statement-breakpoint
CREATE TABLE "forecasts" (
	"asset" text NOT NULL,
	"horizon_hours" integer NOT NULL,
	"as_of" timestamp (3) with time zone NOT NULL,
	"model" text NOT NULL,
	"version" text NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "forecasts_asset_horizon_hours_as_of_model_version_pk" PRIMARY KEY("asset","horizon_hours","as_of","model","version")
);
--> statement-breakpoint
CREATE TABLE "margin_statuses" (
	"protocol" text NOT NULL,
	"account" text NOT NULL,
	"as_of" timestamp (3) with time zone NOT NULL,
	"sequence" bigint NOT NULL,
	"status" text NOT NULL,
	"equity_wad" numeric(78, 0) NOT NULL,
	"initial_wad" numeric(78, 0) NOT NULL,
	"maintenance_wad" numeric(78, 0) NOT NULL,
	"body" jsonb NOT NULL,
	CONSTRAINT "margin_statuses_protocol_account_pk" PRIMARY KEY("protocol","account")
);
--> statement-breakpoint
CREATE TABLE "candles" (
	"asset" text NOT NULL,
	"ts" timestamp (3) with time zone NOT NULL,
	"open" double precision NOT NULL,
	"high" double precision NOT NULL,
	"low" double precision NOT NULL,
	"close" double precision NOT NULL,
	"volume" double precision NOT NULL,
	CONSTRAINT "candles_asset_ts_pk" PRIMARY KEY("asset","ts")
);
--> statement-breakpoint
CREATE TABLE "price_snapshots" (
	"feed" text NOT NULL,
	"as_of" timestamp (3) with time zone NOT NULL,
	"bucket" timestamp (3) with time zone NOT NULL,
	"base" text NOT NULL,
	"quote_asset" text NOT NULL,
	"price_wad" numeric(78, 0),
	"confidence_wad" numeric(78, 0),
	"market" jsonb,
	"verdicts" jsonb NOT NULL,
	"votes" jsonb NOT NULL,
	"config_hash" text NOT NULL,
	CONSTRAINT "price_snapshots_feed_bucket_pk" PRIMARY KEY("feed","bucket")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"topic" text NOT NULL,
	"payload" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"dispatched_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_at" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "forecasts_as_of" ON "forecasts" USING btree ("as_of");--> statement-breakpoint
CREATE INDEX "margin_statuses_by_status" ON "margin_statuses" USING btree ("protocol","status","account");--> statement-breakpoint
CREATE UNIQUE INDEX "price_snapshots_feed_as_of" ON "price_snapshots" USING btree ("feed","as_of");--> statement-breakpoint
CREATE INDEX "price_snapshots_as_of" ON "price_snapshots" USING btree ("as_of");--> statement-breakpoint
CREATE INDEX "outbox_pending" ON "outbox" USING btree ("due_at","id") WHERE "outbox"."dispatched_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_dispatched" ON "outbox" USING btree ("dispatched_at") WHERE "outbox"."dispatched_at" is not null;