CREATE TABLE "position_history" (
	"protocol" text NOT NULL,
	"account" text NOT NULL,
	"sequence" bigint NOT NULL,
	"cash_wad" numeric(78, 0) NOT NULL,
	"positions" jsonb NOT NULL,
	"market_time" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "position_history_protocol_account_sequence_pk" PRIMARY KEY("protocol","account","sequence")
);
--> statement-breakpoint
CREATE TABLE "buffer_schedule_history" (
	"asset" text NOT NULL,
	"horizon_hours" integer NOT NULL,
	"key" text DEFAULT '' NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"schedule" jsonb NOT NULL,
	CONSTRAINT "buffer_schedule_history_asset_horizon_hours_key_updated_at_pk" PRIMARY KEY("asset","horizon_hours","key","updated_at")
);
--> statement-breakpoint
CREATE INDEX "position_history_market_time" ON "position_history" USING btree ("market_time");--> statement-breakpoint
CREATE INDEX "buffer_schedule_history_updated_at" ON "buffer_schedule_history" USING btree ("updated_at");--> statement-breakpoint
INSERT INTO "position_history" SELECT "protocol", "account", "sequence", "cash_wad", "positions", "market_time", "updated_at" FROM "accounts";--> statement-breakpoint
INSERT INTO "buffer_schedule_history" SELECT "asset", "horizon_hours", "key", "updated_at", "schedule" FROM "buffer_schedules";
