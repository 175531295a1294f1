ALTER TABLE "buffer_schedules" ADD COLUMN "key" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "buffer_schedules" DROP CONSTRAINT "buffer_schedules_asset_horizon_hours_pk";--> statement-breakpoint
ALTER TABLE "buffer_schedules" ADD CONSTRAINT "buffer_schedules_asset_horizon_hours_key_pk" PRIMARY KEY("asset","horizon_hours","key");
